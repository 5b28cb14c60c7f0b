"""Writes the characters each subset holds: characters.py UNIHAN_OTHER_MAPPINGS.bz2 REGULAR.txt BOLD.txt"""
import bz2
import sys


def double_bytes(codec, leads, trails):
    found = set()
    for lead in leads:
        for trail in trails:
            try:
                found.add(bytes([lead, trail]).decode(codec))
            except UnicodeDecodeError:
                pass
    return found


def span(*ranges):
    return {chr(code) for first, last in ranges for code in range(first, last + 1)}


def standard_characters(unihan):
    """China's table of 8,105 general characters; its first 3,500 are those in daily use."""
    table = {}
    with bz2.open(unihan, "rt", encoding="utf-8") as lines:
        for line in lines:
            if "\tkTGH\t" in line:
                code, _, place = line.split("\t")
                table[chr(int(code[2:], 16))] = int(place.split(":")[1])
    return table


HIGH = range(0xA1, 0xFF)
GB2312 = double_bytes("gb2312", range(0xA1, 0xF8), HIGH)
GB2312_COMMON = double_bytes("gb2312", range(0xB0, 0xD8), HIGH)
BIG5_COMMON = double_bytes("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *HIGH])

BASIC = span((0x20, 0x7E), (0xA0, 0xFF), (0x2010, 0x2027), (0x2030, 0x203B), (0x20A0, 0x20BF), (0x2190, 0x2193),
             (0x3000, 0x3015), (0xFF01, 0xFF5E), (0xFFE0, 0xFFE6), (0x2212, 0x2212))
LATIN = span((0x100, 0x24F), (0x1E00, 0x1EFF))

unihan, regular, bold = sys.argv[1:]
STANDARD = standard_characters(unihan)
DAILY = {character for character, place in STANDARD.items() if place <= 3500}
with open(regular, "w", encoding="utf-8") as out:
    out.write("".join(sorted(GB2312 | BIG5_COMMON | STANDARD.keys() | BASIC | LATIN)))
with open(bold, "w", encoding="utf-8") as out:
    out.write("".join(sorted(GB2312_COMMON & DAILY | BASIC)))
