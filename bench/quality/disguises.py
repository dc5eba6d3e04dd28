"""Values drawn anew from a seed, written in disguise, in sentences of Chinese and English.

Every value has its check digit, and belongs to nobody. `rows(seed, count)` yields, for each kind of
disguise, `count` rows with a value and `count` twins: harmless text in the same disguise.
"""
import base64
import random
import re
import urllib.parse

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def digits(rng, count):
    return "".join(rng.choice("0123456789") for _ in range(count))


def mobile(rng):
    return rng.choice(["138", "139", "150", "177", "186", "199"]) + digits(rng, 8)


def resident_id(rng):
    body = (rng.choice(["110105", "310104", "440305", "510104"]) +
            f"{rng.randint(1950, 2005)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}" +
            digits(rng, 3))
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS)) % 11]


def card(rng):
    body = rng.choice(["622202", "411111", "545454", "621661"]) + digits(rng, 9)
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(body))
    return body + str(-total % 10)


def email(rng):
    name = rng.choice(["zhang.wei", "li_na", "jane.doe", "o.brien", "wangfang", "k.meyer"])
    host = rng.choice(["corp", "mail", "example", "uni", "shop"])
    end = rng.choice(["com", "cn", "org"])
    return f"{name}{rng.randint(1, 99)}@{host}{rng.randint(1, 9)}.{end}"


def ssn(rng):
    return f"{rng.randint(500, 660)}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}"


def landline(rng):
    return f"{rng.choice(['010', '021', '0755', '0571'])}-{rng.randint(2, 8)}{digits(rng, 7)}"


def address(rng):
    return ".".join(map(str, (rng.choice([203, 198, 114, 39]), rng.randint(30, 250),
                              rng.randint(0, 250), rng.randint(1, 250))))


VALUES = {
    "cn_mobile": (mobile, "我的手机号是{}，请尽快联系。", "My mobile number is {} and I am at home."),
    "cn_resident_id": (resident_id, "身份证号：{}。", "The ID card number is {}, please check."),
    "bank_card": (card, "请把钱打到银行卡 {} 上。", "Pay with card {} please."),
    "email": (email, "邮箱是 {} ，请回复。", "Write to {} today."),
    "us_ssn": (ssn, "他的 SSN 是 {}。", "Her social security number is {}."),
    "phone": (landline, "座机：{}，工作日可打。", "The phone number of the office is {} in the week."),
    "ip_address": (address, "服务器地址 {} 无法访问。", "The server at address {} is down."),
}

TWINS = (
    (lambda rng: "20" + digits(rng, 7), "订单号：{}，已发货。", "Order no. {} was shipped."),
    (lambda rng: rng.choice(["opening hours", "see chapter 4", "two tickets", "green tea"]),
     "备注：{}。", "The note says {} and nothing else."),
    (lambda rng: f"{rng.randint(1, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 9)}",
     "升级到版本 {} 即可。", "It was fixed in version {} last week."),
    (lambda rng: f"{rng.randint(100, 999)}{digits(rng, 3)}", "共有{}人参加。", "It sold {} copies."),
)

FULLWIDTH = {c: c + 0xFEE0 for c in range(0x21, 0x7F)}
HAN = dict(zip("0123456789", "零一二三四五六七八九"))
BANKING = dict(zip("0123456789", "零壹贰叁肆伍陆柒捌玖"))
SPOKEN = dict(zip("0123456789", "洞幺两三四五六拐八勾"))
PINYIN = dict(zip("0123456789", "ling yi er san si wu liu qi ba jiu".split()))
ENGLISH = dict(zip("0123456789", "zero one two three four five six seven eight nine".split()))
CIRCLED = dict(zip("0123456789", "⓪①②③④⑤⑥⑦⑧⑨"))
RAISED = dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
TWIN_LETTERS = dict(zip("aceopxyi", "асеорхуі"))


def each(table):
    return lambda text, rng: "".join(table.get(c, c) for c in text)


def of_script(zero):
    return each({str(d): chr(zero + d) for d in range(10)})


def between(*marks):
    return lambda text, rng: "".join(c + rng.choice(marks) for c in text[:-1]) + text[-1]


def words(table):
    def spell(text, rng):
        if not re.fullmatch(r"[\d -]+X?", text):
            return None
        return " ".join(table.get(c, c) for c in text if c not in " -")
    return spell


def mixed(text, rng):
    return "".join(rng.choice([c, HAN.get(c, c), c.translate(FULLWIDTH)]) for c in text)


def spaced(text, rng):
    if "@" in text or not text[0].isdigit():
        return None
    return "".join(c + rng.choice(["", "", " ", "-", "."]) for c in text[:-1]) + text[-1]


def split_line(text, rng):
    at = len(text) // 2
    return text[:at] + "\n" + text[at:]


def letters_for_digits(text, rng):
    if not re.fullmatch(r"\d+", text) or not set(text) & set("01"):
        return None
    return text.replace("0", "O").replace("1", "l")


def spelled(at, dot):
    def spell(text, rng):
        return text.replace("@", at).replace(".", dot) if "@" in text else None
    return spell


def encoded(code):
    return lambda text, rng: "".join(code(b) for b in text.encode())


def percent(text, rng):
    return urllib.parse.quote(text, safe="")


def all_percent(text, rng):
    return "".join(f"%{b:02X}" for b in text.encode())


def to_base64(text, rng):
    return base64.b64encode(text.encode()).decode()


def twice(first, second):
    return lambda text, rng: second(first(text, rng), rng)


def zalgo(text, rng):
    return "".join(c + "".join(chr(rng.randint(0x300, 0x36F)) for _ in range(2)) for c in text)


def words_around(code):
    """The value encoded together with its sentence."""
    code.whole = True
    return code


KINDS = {
    "plain": lambda text, rng: text,
    "fullwidth": lambda text, rng: text.translate(FULLWIDTH),
    "circled digits": each(CIRCLED),
    "raised digits": each(RAISED),
    "mathematical digits": of_script(0x1D7CE),
    "Arabic digits": of_script(0x660),
    "Devanagari digits": of_script(0x966),
    "Thai digits": of_script(0xE50),
    "keycaps": each({str(d): f"{d}\ufe0f\u20e3" for d in range(10)}),
    "Han numerals": each(HAN),
    "banking numerals": each(BANKING),
    "spoken numerals": each(SPOKEN),
    "digits and numerals mixed": mixed,
    "pinyin": words(PINYIN),
    "number words": words(ENGLISH),
    "zero-width": between("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad"),
    "tags": lambda text, rng: "".join(chr(0xE0000 + ord(c)) for c in text),
    "variation selectors": between("\ufe0f", "\U000e0101"),
    "bidi marks": between("\u202e", "\u2066", "\u200f"),
    "homoglyphs": each(TWIN_LETTERS),
    "zalgo": zalgo,
    "separators": spaced,
    "split line": split_line,
    "O for 0, l for 1": letters_for_digits,
    "[at] [dot]": spelled("[at]", "[dot]"),
    "(at) with blanks": spelled(" (at) ", "."),
    "at dot words": spelled(" at ", " dot "),
    "艾特": spelled("艾特", "."),
    "base64": to_base64,
    "base64 of the sentence": words_around(lambda text, rng: to_base64(text, rng)),
    "hex": lambda text, rng: text.encode().hex(),
    "URL": percent,
    "URL, each character": all_percent,
    "URL, the sentence": words_around(lambda text, rng: percent(text, rng)),
    "HTML decimal": encoded(lambda b: f"&#{b};"),
    "HTML hexadecimal": encoded(lambda b: f"&#x{b:x};"),
    "HTML names": spelled("&commat;", "&period;"),
    "\\u": encoded(lambda b: f"\\u{b:04x}"),
    "\\x": encoded(lambda b: f"\\x{b:02x}"),
    "quoted-printable": encoded(lambda b: f"={b:02X}"),
    "URL twice": twice(all_percent, percent),
    "URL of base64": twice(to_base64, percent),
    "base64 twice": twice(to_base64, to_base64),
    "HTML of URL": twice(all_percent, lambda text, rng: text.replace("%", "&#37;")),
}
DIGITS_ALONE = {"circled digits", "raised digits", "mathematical digits", "Arabic digits",
                "Devanagari digits", "Thai digits", "keycaps", "Han numerals", "banking numerals",
                "spoken numerals", "digits and numerals mixed"}


def disguise(kind, value, carrier, rng):
    """Text and the span of the value in it, in bytes; None where the kind does not apply."""
    code = KINDS[kind]
    if kind in DIGITS_ALONE and sum(c.isdigit() for c in value) < 7:
        return None
    before, after = carrier.split("{}")
    if getattr(code, "whole", False):
        text = code(before + value + after, rng)
        return text, None
    shown = code(value, rng)
    if shown is None or (kind != "plain" and shown == value):
        return None
    begin = len(before.encode())
    return before + shown + after, (begin, begin + len(shown.encode()))


def rows(seed, count):
    for kind in KINDS:
        rng = random.Random(f"{seed}/{kind}")
        for name, (draw, *carriers) in VALUES.items():
            for number in range(count):
                made = disguise(kind, draw(rng), carriers[number % 2], rng)
                if made:
                    yield {"kind": kind, "type": name, "text": made[0], "span": made[1]}
        for draw, *carriers in TWINS:
            for number in range(count):
                made = disguise(kind, draw(rng), carriers[number % 2], rng)
                if made:
                    yield {"kind": kind, "type": None, "text": made[0], "span": None}
