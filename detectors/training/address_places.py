#!/usr/bin/env python3
"""Writes detectors/address/places.txt: names of Chinese divisions, in simplified characters.

    detectors/training/address_places.py DATA_FOLDER > detectors/address/places.txt

One line a level: its letter, then names apart by blanks. `p` provinces, `c` cities, `d` counties
and districts as they are called; `s` the last without what says that they are one (朝阳), which
are words of their own as often. Those of Taiwan, Hong Kong and Macau stand below.
"""
import pathlib
import re
import sys

PROVINCES = "内蒙古 香港特别行政区 香港 澳门特别行政区 澳门 台湾省 台湾"
CITIES = (
    "台北市 台北 新北市 新北 桃园市 台中市 台中 台南市 台南 高雄市 高雄 基隆市 基隆 新竹市 新竹县 新竹 嘉义市 嘉义县 嘉义 "
    "苗栗县 苗栗 彰化县 彰化 南投县 南投 云林县 屏东县 屏东 宜兰县 宜兰 花莲县 花莲 台东县 台东 澎湖县 澎湖 金门县 金门 "
    "连江县 九龙 新界 香港岛 港岛 氹仔 路环")
DISTRICTS = (
    "中环 金钟 湾仔 铜锣湾 炮台山 北角 鲗鱼涌 筲箕湾 柴湾 香港仔 黄竹坑 鸭脷洲 西环 上环 西营盘 坚尼地城 尖沙咀 尖沙嘴 佐敦 "
    "油麻地 旺角 大角咀 深水埗 长沙湾 荔枝角 石硖尾 九龙塘 九龙城 土瓜湾 红磡 何文田 黄大仙 钻石山 新蒲岗 九龙湾 牛头角 观塘 "
    "蓝田 油塘 将军澳 沙田 大围 火炭 马鞍山 大埔 粉岭 上水 元朗 天水围 屯门 荃湾 葵涌 葵芳 青衣 东涌 西贡 愉景湾")
PEOPLES = (
    "回 藏 壮 维吾尔 蒙古 苗 侗 土家 彝 布依 朝鲜 满 哈尼 傣 白 景颇 傈僳 羌 黎 哈萨克 柯尔克孜 瑶 畲 仫佬 毛南 各 仡佬 水 "
    "纳西 佤 拉祜 布朗 独龙 怒 普米 东乡 保安 撒拉 土 裕固 锡伯 达斡尔 鄂温克 鄂伦春 塔吉克 俄罗斯 高山 京").split()
AUTONOMOUS = re.compile("(?:(?:" + "|".join(PEOPLES) + ")族?)*自治[区州县旗]$")
KIND = re.compile("(?:地区|林区|新区|矿区|[省市县区旗盟])$")
NO_NAMES = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
LEVELS = {"province": "p", "city": "c", "area": "d"}


def short(name):
    """北京市: 北京; 延边朝鲜族自治州: 延边."""
    bare = AUTONOMOUS.sub("", name) if "自治" in name else KIND.sub("", name)
    return bare if len(bare) >= 2 else name


def main():
    levels = {"p": PROVINCES.split(), "c": CITIES.split(), "d": DISTRICTS.split(), "s": []}
    with (pathlib.Path(sys.argv[1]) / "pii/cn_divisions.tsv").open(encoding="utf-8") as rows:
        for name, level, *_ in (row.rstrip("\n").split("\t") for row in rows):
            if name in NO_NAMES or level not in LEVELS:
                continue
            levels[LEVELS[level]].append(name)
            levels["s" if level == "area" else LEVELS[level]].append(short(name))
    known = set()
    for level, names in levels.items():
        mine = sorted(set(names) - known)
        known.update(mine)
        print(level, " ".join(mine))


if __name__ == "__main__":
    main()
