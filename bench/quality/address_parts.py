"""Parts of which addresses are drawn, and sentences for them to stand in."""
import collections

# Sentences of business texts. Some end directly behind the address, some go on with a name's kind
# of character.
CHINESE = """
请把合同原件寄到{}，收件人写财务部。
我们公司的办公地址是{}。
地址：{}
收货地址：{}，联系电话稍后发您。
客户王女士住在{}，请安排周五上门安装。
发票和样品已于昨日寄往{}
会议地点定在{}，请准时参加。
经查，该门店位于{}，租期至明年六月。
新仓库已搬到{}，旧仓库停用。
快递显示派送至{}时无人签收。
住址 {}
事故发生在{}附近，无人受伤。
甲方住所地：{}；乙方另行通知。
他从{}出发，四十分钟后到达机场。
订单已改为送到{}，谢谢。
本次维修的网点为{}（营业时间见附件）。
员工李明，现居{}，已婚。
请问{}怎么走？
注册地址:{} 经营范围：软件开发
昨天去{}看了房子，采光不错。
""".strip().split("\n")
TRADITIONAL = """
請將合約正本寄到{}，收件人寫財務部。
本公司地址為{}。
地址：{}
收件地址：{}，聯絡電話稍後提供。
客戶陳小姐住在{}，請安排星期五安裝。
會議地點為{}，請準時出席。
門市位於{}，租約到明年六月。
新倉庫已搬到{}，舊倉庫停用。
通訊處 {}
訂單已改送{}，謝謝。
請問{}怎麼走？
昨天去{}看了房子。
""".strip().split("\n")
ENGLISH = """
Please send the signed contract to {} before Friday.
Our new office is at {}.
Address: {}
Ship to: {}
The customer lives at {} and expects the technician on Monday.
The samples were delivered to {}
I would like to change my billing address to {}.
The meeting takes place at {}; please be on time.
According to the lease, the store at {} closes next June.
He left {} around noon.
Could you tell me how to get to {}?
Property: {} (vacant)
We inspected {} last week and found no damage.
Kind regards,\nDana\n{}\n
The parcel for {} was returned.
""".strip().replace("\\n", "\n").split("\n")
ENGLISH = [line for line in ENGLISH if "{}" in line]
LABELLED = ["Address: {}", "Ship to:\n{}\n", "Delivery address:\n{}\n\nThank you.",
            "My address is {}.", "Bill to: {}", "He lives at {}."]

ROADS = (
    "建国 人民 中山 解放 和平 长江 黄河 南京 北京 青年 友谊 文化 学院 科技 振兴 迎宾 胜利 新华 朝阳 东风 光明 幸福 花园 "
    "体育 工业 环城 滨海 滨江 凤凰 龙华 清华 复兴 延安 淮海 天府 春熙 珠江 湘江 芙蓉 岳麓 洛溪 望京 中关村 知春 学清 "
    "安定门外 建国门内 永定门 西直门 莲花池 航天 软件园 创业 创新 高新 科苑 深南 滨河 梅林 笋岗 福华 石厦 沙河 桃园 南海 "
    "后海 登良 白石 侨香 北环 红荔 莲花 笔架山 华强 振华 八卦 宝安 翠竹 布心 太白 文锦 春风 嘉宾 文三 文二 教工 古墩 "
    "天目山 莫干山 体育场 庆春 凤起 武林 西溪 丰潭 益乐 竞舟 余杭塘 金沙 湖滨").split()
ROAD_KINDS = (
    "路 路 路 路 路 街 街 大道 大街 东路 西路 南路 北路 中路 巷 胡同 一路 二路").split()
ESTATES = (
    "阳光 金色 万科 保利 碧桂 恒大 龙湖 绿地 锦绣 世纪 翠湖 玫瑰 月亮湾 香榭 御景 紫荆 丽景 海岸 星河 天鹅 书香 东方 盛世 "
    "华润 中海 金地 招商 首开 富力 远洋 融创 雅居 名都 江南 翡翠 康桥 水岸").split()
ESTATE_KINDS = (
    "小区 花园 家园 苑 城 公寓 新村 名苑 广场 国际 华庭 豪庭 府 雅居 湾").split()
TOWERS = (
    "大厦 广场 中心 大楼 写字楼 科技园 创业园 商务中心 国际大厦 金融中心 产业园").split()
VILLAGES = (
    "李家 王庄 张家 东 西 南 北 上 下 新 石桥 柳树 小河 大沟 杨柳 马家 前进 红旗 太平 双龙").split()

TAIWAN = {
    "台北市": "信義區 大安區 中山區 內湖區 士林區 松山區 文山區 萬華區",
    "新北市": "板橋區 三重區 中和區 永和區 新莊區 淡水區 汐止區",
    "桃園市": "中壢區 桃園區 龜山區", "臺中市": "西屯區 北屯區 南屯區 豐原區",
    "台南市": "東區 安平區 永康區", "高雄市": "苓雅區 左營區 三民區 鳳山區",
    "新竹縣": "竹北市 竹東鎮 湖口鄉", "彰化縣": "員林市 鹿港鎮 和美鎮", "花蓮縣": "花蓮市 吉安鄉"}
TAIWAN_ROADS = (
    "忠孝東路 仁愛路 信義路 中山北路 民生東路 南京東路 復興南路 敦化南路 和平東路 羅斯福路 基隆路 市府路 松仁路 文心路 台灣大道 "
    "中正路 中華路 三多 成功路 博愛路 自由路 光復路 中央路 建國路 林森路 莊敬路").split()
HONG_KONG = (
    "香港中環皇后大道中 香港灣仔軒尼詩道 香港銅鑼灣告士打道 九龍尖沙咀彌敦道 九龍旺角亞皆老街 九龍觀塘開源道 新界沙田沙田正街 "
    "新界荃灣青山公路 九龍長沙灣青山道 香港北角英皇道 九龍紅磡馬頭圍道 新界元朗教育路 香港鰂魚涌華蘭路").split()
HK_BUILDINGS = (
    "國際中心 商業大廈 工業大廈 廣場 中心 大廈 花園").split()
HK_NAMES = (
    "永安 中環 美麗華 海港 恒生 新都 華懋 信和 金鐘 富豪 創紀").split()

FIRST_NAMES = (
    "Park Oak Maple Cedar Elm Washington Lincoln Jefferson Franklin Church Mill Spring Lake River "
    "Sunset Highland Forest Meadow Victoria Albert King Queen George Station Chapel Wellington "
    "Windsor Manor Castle Grange Clifton Belmont Fairview Hillcrest Ridgewood Kingsley Abbey "
    "Orchard Willow Birch Pine Chestnut Walnut Magnolia Hawthorn Juniper Bayview Harbour Stanley "
    "Nelson Marlborough").split()
STREET_KINDS = (
    "Street Street Street St St. Road Road Rd Avenue Avenue Ave Ave. Lane Drive Dr Court Place Way "
    "Terrace Close Crescent Boulevard Blvd Square Gardens Grove Hill Row Walk").split()
GB_CITIES = {"London": "SW1A EC2V N1 W1D SE10", "Leeds": "LS1 LS6", "Manchester": "M1 M14",
             "Bristol": "BS8 BS1", "Edinburgh": "EH1 EH3", "Cardiff": "CF10",
             "Birmingham": "B2 B15", "York": "YO1", "Belfast": "BT7"}
US_CITIES = {"Springfield": ("IL", "62704"), "Austin": ("TX", "78701"),
             "Portland": ("OR", "97205"), "Salt Lake City": ("UT", "84101"),
             "New York": ("NY", "10013"), "Boise": ("ID", "83702"), "Tampa": ("FL", "33602"),
             "Denver": ("Colorado", "80202"), "Santa Fe": ("New Mexico", "87501"),
             "Cedar Rapids": ("Iowa", "52401"), "Ann Arbor": ("MI", "48104")}
CA_CITIES = {"Toronto": ("ON", "M5V 2T6"), "Vancouver": ("BC", "V6B 1A9"),
             "Montreal": ("QC", "H3A 1B9"), "Calgary": ("AB", "T2P 4K8"),
             "Halifax": ("Nova Scotia", "B3J 1R7")}
AU_CITIES = {"Sydney": ("NSW", "2000"), "Fitzroy": ("VIC", "3065"), "Brisbane": ("QLD", "4000"),
             "North Adelaide": ("SA", "5006"), "Perth": ("WA", "6000")}
IN_CITIES = {"Bengaluru": "560001", "Mumbai": "400 050", "New Delhi": "110001",
             "Chennai": "600017", "Pune": "411004"}
IN_STREETS = ("MG Road|Nehru Marg|Brigade Road|Linking Road|Anna Salai|Park Street|FC Road|"
              "Residency Road").split("|")
IN_AREAS = ("Indiranagar|Koramangala|Bandra West|T. Nagar|Sector 18|Connaught Place|"
            "Shivaji Nagar|Andheri East").split("|")
IE_CITIES = {"Dublin": "D02 AF30", "Cork": "T12 X70A", "Galway": "H91 E2K3",
             "Limerick": "V94 T9PX"}

EUROPEAN = """
Hauptstraße {n}, 10115 Berlin
Goethestr. {n}, 60313 Frankfurt am Main
Lindenweg {n}, 8001 Zürich
Mariahilfer Straße {n}, 1060 Wien
{n} rue de Rivoli, 75001 Paris
{n} avenue des Champs-Élysées, 75008 Paris
{n}, rue du Faubourg Saint-Honoré, 75008 Paris
Via Roma {n}, 00184 Roma
Piazza Garibaldi {n}, 20121 Milano
Calle Mayor {n}, 28013 Madrid
Avenida de América {n}, 28028 Madrid
Rua Augusta {n}, 1100-053 Lisboa
Avenida Paulista {n}, 01310-100 São Paulo
Herengracht {n}, 1017 CD Amsterdam
Kalverstraat {n}, 1012 PA Amsterdam
Drottninggatan {n}, 111 51 Stockholm
ul. Marszałkowska {n}, 00-590 Warszawa
Vesterbrogade {n}, 1620 København
Karl Johans gate {n}, 0162 Oslo
Mannerheimintie {n}, 00100 Helsinki
Váci utca {n}, 1056 Budapest
""".strip().split("\n")


class China:
    """Draws from the divisions of China, down to streets and towns."""

    def __init__(self, path):
        self.areas = []
        streets = collections.defaultdict(list)
        parents = collections.Counter()
        with open(path, encoding="utf-8") as rows:
            for name, level, parent in (r.rstrip("\n").split("\t") for r in rows):
                if level == "area":
                    self.areas.append((name, parent.split("/")))
                    parents[name] += 1
                elif level == "street":
                    streets[parent].append(name)
        # A name that two counties have would mix their streets.
        self.streets = {a: s for a, s in streets.items() if parents[a] == 1}

    def divisions(self, draw):
        area, above = draw.choice(self.areas)
        province, city = above[0], above[-1]
        out = []
        municipality = city in ("市辖区", "县") or "直辖" in city
        if draw.random() < 0.6 or municipality:
            out.append(province)
        if not municipality and (draw.random() < 0.85 or not out):
            out.append(city)
        out.append(area)
        if area in self.streets and draw.random() < 0.4:
            out.append(draw.choice(self.streets[area]))
        if draw.random() < 0.1:
            out[0] = out[0].removesuffix("省").removesuffix("市")
        return out

    @staticmethod
    def rooms(draw):
        number = draw.randint
        blocks = (f"{number(1, 30)}号楼", f"{number(1, 30)}栋", f"{number(1, 30)}幢",
                  f"{draw.choice('ABCD')}座", f"{draw.choice('一二三四五六七八九')}号楼")
        room = number(101, 3204)
        rooms = (f"{room}室", f"{room}", f"{number(1, 30)}层{room}室", f"{number(1, 4)}单元{room}室",
                 f"{number(1, 4)}单元{room}", f"{number(1, 30)}层", f"{number(1, 30)}楼", "")
        return draw.choice(blocks) + draw.choice(rooms)

    def road(self, draw):
        kinds = ["号"] * 6 + ["号院", "弄", f"号-{draw.randint(1, 9)}", "之1号"]
        number = draw.randint(1, 2999 if draw.random() < 0.3 else 299)
        kind = draw.choice(kinds)
        house = f"{number}号" if kind.startswith("号-") else f"{number}{kind}"
        return draw.choice(ROADS) + draw.choice(ROAD_KINDS) + house

    def simplified(self, draw):
        out = self.divisions(draw)
        form = draw.random()
        if form < 0.25:
            out.append(self.road(draw))
        elif form < 0.45:
            out += [self.road(draw), self.rooms(draw)]
        elif form < 0.6:
            out += [self.road(draw), draw.choice(ESTATES) + draw.choice(TOWERS), self.rooms(draw)]
        elif form < 0.75:
            estate = draw.choice(ESTATES) + draw.choice(ESTATE_KINDS)
            out += [self.road(draw), estate, self.rooms(draw)]
        elif form < 0.85:
            out += [draw.choice(ESTATES) + draw.choice(ESTATE_KINDS), self.rooms(draw)]
        elif form < 0.93:
            village = draw.choice(VILLAGES) + "村"
            group = draw.choice((f"{draw.randint(1, 12)}组", f"{draw.choice('一二三四五六')}组", ""))
            out += [village, group + f"{draw.randint(1, 200)}号"]
        else:
            out = [self.road(draw)] + ([self.rooms(draw)] if draw.random() < 0.5 else [])
        joint = draw.choice([""] * 8 + [" "])
        text = joint.join(out)
        if draw.random() < 0.05:
            text = text.translate({ord("0") + i: 0xff10 + i for i in range(10)})
        return text

    @staticmethod
    def traditional(draw):
        number = draw.randint
        if draw.random() < 0.65:
            city = draw.choice(list(TAIWAN))
            road = draw.choice(TAIWAN_ROADS)
            if not road.endswith(("路", "道")):
                road += "一路"
            section = draw.choice(["", "", "一段", "二段", "三段", "四段", "2段"])
            lane = draw.choice(["", "", "", f"{number(2, 300)}巷",
                                f"{number(2, 300)}巷{number(1, 20)}弄"])
            floor = draw.choice(["", "", f"{number(2, 20)}樓", f"{number(2, 20)}樓之{number(1, 6)}",
                                 f"{number(2, 9)}F"])
            district = draw.choice(TAIWAN[city].split())
            return city + district + road + section + lane + f"{number(1, 500)}號" + floor
        building = draw.choice(["", draw.choice(HK_NAMES) + draw.choice(HK_BUILDINGS)])
        floor = ""
        if building or draw.random() < 0.5:
            floor = f"{number(1, 40)}樓" + draw.choice(["", f"{number(1, 30)}室", "A室"])
        gap = draw.choice(["", "", " "])
        return f"{draw.choice(HONG_KONG)}{gap}{number(1, 700)}{gap}號{building}{floor}"


def english(draw):
    number = draw.randint(1, 9999 if draw.random() < 0.3 else 299)
    street = f"{draw.choice(FIRST_NAMES)} {draw.choice(STREET_KINDS)}"
    country = draw.choice("GB GB US US CA AU IN IE".split())
    end = draw.random()
    if country == "IN":
        city, code = draw.choice(list(IN_CITIES.items()))
        flat = f"Flat {draw.randint(1, 40)}, {number}, "
        head = draw.choice((f"No. {number}, ", f"{number}, ", flat))
        area = draw.choice((f"{draw.choice(IN_AREAS)}, ", ""))
        joint = draw.choice((" ", " - ", ", "))
        return f"{head}{draw.choice(IN_STREETS)}, {area}{city}{joint}{code}"
    american = country in ("US", "CA")
    unit = "" if american else draw.choice(["", "", "Flat 3, ", "Unit 12, "])
    tail = draw.choice(["", "", ", Apt 4B", " Suite 200", " #12", ", Unit 7"]) if american else ""
    head = f"{unit}{number} {street}{tail}"
    if end < 0.15:
        return head
    joint = draw.choice((", ", ", ", ", ", "\n"))
    if country == "GB":
        city, codes = draw.choice(list(GB_CITIES.items()))
        letters = "".join(draw.choice("ABDEFGHJLNPQRSTUWXYZ") for _ in range(2))
        code = f"{draw.choice(codes.split())} {draw.randint(1, 9)}{letters}"
        return f"{head}{joint}{city}" + ("" if end < 0.3 else draw.choice((" ", ", ")) + code)
    if country == "IE":
        city, code = draw.choice(list(IE_CITIES.items()))
        return f"{head}{joint}{city}" + ("" if end < 0.3 else f", {code}")
    cities = {"US": US_CITIES, "CA": CA_CITIES, "AU": AU_CITIES}[country]
    city, (state, code) = draw.choice(list(cities.items()))
    if end < 0.25:
        return f"{head}{joint}{city}"
    return f"{head}{joint}{city}{' ' if country == 'AU' else ', '}{state} {code}"


def european(draw):
    return draw.choice(EUROPEAN).format(n=f"{draw.randint(1, 199)}{draw.choice(['', '', '', 'a'])}")
