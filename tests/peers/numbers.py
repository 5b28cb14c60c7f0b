"""python-stdnum, phonenumbers and plain arithmetic: what they think of a list of numbers."""

import json
import re
import sys
import unicodedata

import phonenumbers
from stdnum import imei, luhn
from stdnum.util import clean


def of_iccid(text):
    return luhn.is_valid(clean(text, " -").rstrip("Ff"))


def of_imei(text):
    return imei.is_valid(text)


def of_eid(text):
    digits = clean(text, " -")
    return bool(re.fullmatch("[0-9]{32}", digits)) and int(digits) % 97 == 1


def of_msisdn(text):
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return [False, None]
    return [phonenumbers.is_valid_number(number), number.country_code]


verdicts = {"iccid": of_iccid, "imei": of_imei, "eid": of_eid, "msisdn": of_msisdn}
# Full-width digits are digits to us; to these libraries they are made so.
json.dump(
    [verdicts[kind](unicodedata.normalize("NFKC", text).strip()) for kind, text in json.load(sys.stdin)],
    sys.stdout,
)
