#!/usr/bin/env python3
"""Writes the table that crates/model/tests/phones.rs checks our reading of phone numbers against.

    pip install phonenumbers
    python3 e2e/phone/numbers.py > crates/model/tests/phones.tsv

Each line: what was typed, the default region (or -), and the verdict: the number in E.164, or the refusal. The
verdicts are those of `phonenumbers`, the published Python port of Google's libphonenumber, on the text as typed; only
what Postkey refuses on purpose (letters, extensions, kinds that take no texts) and its rule for `+00` and `00` are
written out here. Signs other than printable ASCII stand as \\u{…}, a backslash as \\u{5c}.

The draw is the same in every run and for each region and kind apart: the table changes only with the version of
`phonenumbers`, named in its first line. Lines that change with an update of either side are looked at one by one (a
changed number is a code sent elsewhere); what differs by the age of the tables alone is listed in phones.rs.
"""

import random
import sys
import unicodedata

import phonenumbers as lib
from phonenumbers import PhoneNumberFormat as Format
from phonenumbers import PhoneNumberType as Kind

SEED = 20261122
KINDS = [
    Kind.FIXED_LINE, Kind.MOBILE, Kind.TOLL_FREE, Kind.PREMIUM_RATE, Kind.SHARED_COST, Kind.VOIP,
    Kind.PERSONAL_NUMBER, Kind.PAGER, Kind.UAN, Kind.VOICEMAIL,
]
NO_TEXTS = {Kind.PREMIUM_RATE, Kind.SHARED_COST, Kind.PAGER, Kind.UAN, Kind.VOICEMAIL, Kind.UNKNOWN}
# Numbers of ranges that changed between two recent versions of the tables.
CHANGED = [("+40620123456", None), ("0620 123 456", "RO"), ("+22985751234", None), ("85 75 12 34", "BJ"), ("+22981123456", None)]
REGIONS = sorted(lib.SUPPORTED_REGIONS)
PLUS = "+\uff0b"
INVISIBLE = {chr(c) for c in [0xAD, 0x61C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A)]}
# What libphonenumber itself takes between digits, without the tildes and the x that may lead an extension.
BETWEEN = set("-./()[] \u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff0d\uff0f\u00a0\u3000\uff08\uff09\uff3b\uff3d\uff0e")


def digit(sign):
    return unicodedata.decimal(sign, None)


def read(text, region):
    """The number, if it is a valid one."""
    try:
        number = lib.parse(text, region)
    except lib.NumberParseException:
        return None
    return number if lib.is_valid_number(number) else None


def e164(number):
    return lib.format_number(number, Format.E164)


def verdict(typed, region):
    text = "".join(c for c in typed if c not in INVISIBLE).strip(" \t\u00a0\u3000")
    if not text:
        return "empty"
    if len(typed.strip(" \t\u00a0\u3000")) > 64:
        return "too-long"
    pluses = [i for i, c in enumerate(text) if c in PLUS]
    digits = [i for i, c in enumerate(text) if digit(c) is not None]
    if any(c not in PLUS and c not in BETWEEN and digit(c) is None for c in text):
        return "not-a-number"
    if len(digits) < 3 or len(pluses) > 1 or (pluses and pluses[0] > digits[0]):
        return "not-a-number"
    zeros = [digit(text[i]) for i in digits[:2]] == [0, 0]
    after_zeros = "+" + text[digits[1] + 1:]
    if pluses:
        number = read(after_zeros if zeros else text, None)
    elif zeros:
        there, here = read(after_zeros, None), read(text, region)
        if there and here and e164(there) != e164(here):
            return "needs-country"
        number = there or here
    elif region is None:
        return "needs-country"
    else:
        number = read(text, region)
    if number is None:
        return "invalid"
    return "no-texts" if lib.number_type(number) in NO_TEXTS else e164(number)


def change(draw, text):
    at = draw.choice([i for i, c in enumerate(text) if c.isdigit()])
    way = draw.randrange(3)
    if way == 0:
        return text[:at] + draw.choice("0123456789") + text[at + 1:]
    if way == 1:
        return text[:at] + text[at + 1:]
    return text[:at] + draw.choice("0123456789") + text[at:]


def disguise(draw, text):
    """The same number with other separators, other digits, signs nobody sees."""
    zero = draw.choice([0x30, 0x30, 0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10, 0x1D7D8])
    out = []
    for sign in text:
        if sign.isdigit():
            out.append(chr(zero + int(sign)))
        elif sign == "+":
            out.append(draw.choice(PLUS))
        else:
            out.append(draw.choice(sorted(BETWEEN - set("()[]\uff08\uff09\uff3b\uff3d"))) * draw.choice([1, 1, 2]))
        if draw.random() < 0.1:
            out.append(draw.choice(sorted(INVISIBLE | {" "})))
    return draw.choice(["", " ", "\u202a", "\u00a0"]) + "".join(out) + draw.choice(["", " ", "\u202c", "\u3000"])


def spoil(draw, text):
    """Something we refuse on purpose."""
    at = draw.randrange(len(text) + 1)
    return draw.choice([
        text + draw.choice([" ext 5", ";ext=12", " x77", "#3", ",,4", "~12", " доб. 4"]),
        text[:at] + draw.choice(["A", "\x00", "\x07", "\x7f", "*", "@", "<", "'", "\\", "&", "%", "=", "é", "²", "½", "一", "\U0001f4de"]) + text[at:],
        text.replace("+", "") + "+",
        "++" + text,
        text + " " * 40 + text + " " * 40 + text,
        text[:1] + draw.choice(["", "1", "-", "+"]),
        "tel:" + text,
    ])


def spellings(draw, number, home):
    """(typed, default region) for one number; `home` is None for numbers of no place."""
    code, national = str(number.country_code), lib.national_significant_number(number)
    anywhere = lambda: draw.choice([None, draw.choice(REGIONS), draw.choice(REGIONS)])
    international = lib.format_number(number, Format.INTERNATIONAL)
    yield "+" + code + national, anywhere()
    yield international, anywhere()
    yield disguise(draw, international), anywhere()
    yield draw.choice(["00", "00 ", "+00", "(00)"]) + draw.choice([code + national, international[1:]]), anywhere()
    yield change(draw, "+" + code + national), anywhere()
    if home:
        at_home = lib.format_number(number, Format.NATIONAL)
        abroad = draw.choice(REGIONS)
        yield at_home, home
        yield disguise(draw, at_home), home
        yield change(draw, at_home), home
        yield draw.choice([
            (national, home),
            (code + national, home),
            ("0" + national, home),
            (f"+{code} (0) {national}", anywhere()),
            (f"({international[:len(code) + 1]}){international[len(code) + 1:]}", None),
        ])
        yield draw.choice([
            (lib.format_out_of_country_calling_number(number, abroad), abroad),
            (lib.format_out_of_country_calling_number(number, draw.choice(["US", "AU", "JP", "BR", "CO", "RU", "SG", "KR"])), abroad),
            (at_home, abroad),
            (change(draw, international), None),
            (at_home, None),
        ])
        if draw.random() < 0.3:
            yield spoil(draw, draw.choice([at_home, international])), draw.choice([home, None])


def escaped(text):
    return "".join(c if " " <= c <= "~" and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)


def main():
    numbers = [(lib.example_number_for_type(region, kind), region, f"{region} {kind}") for region in REGIONS for kind in KINDS]
    numbers += [(lib.example_number_for_non_geo_entity(code), None, str(code)) for code in sorted(lib.COUNTRY_CODES_FOR_NON_GEO_REGIONS)]
    lines = [f"{typed}\t{region or '-'}\t{verdict(typed, region)}" for typed, region in CHANGED]
    seen = {line.rpartition("\t")[0] for line in lines}
    for number, home, name in numbers:
        if number is None:
            continue
        draw = random.Random(f"{SEED} {name}")
        for typed, region in spellings(draw, number, home):
            line = f"{escaped(typed)}\t{region or '-'}"
            if line not in seen:
                seen.add(line)
                lines.append(f"{line}\t{verdict(typed, region)}")
    sys.stdout.write(f"# phonenumbers {lib.__version__}, made by e2e/phone/numbers.py; typed, default region, verdict\n")
    sys.stdout.write("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    main()
