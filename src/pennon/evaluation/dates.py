"""
Moments: epoch milliseconds, or RFC 3339 text with date, time and zone.

Worked out by hand and not by `datetime`, because the grammar is stricter (no leap seconds, no
missing parts), years run from 0000, and the evaluator can then not read a clock by accident.
"""

from __future__ import annotations

import re
from typing import Any, Final

from pennon.evaluation.numbers import as_number

_RFC3339: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_DAYS_IN_MONTH: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_BEFORE_1970: Final = 719_468


def moment(value: Any) -> float | None:
    """Return *value* in epoch milliseconds, or None when it is no moment."""
    if isinstance(value, str):
        return _parse(value)
    return as_number(value)


def _parse(text: str) -> float | None:
    found = _RFC3339.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction, sign, zone_hour, zone_minute = found.groups()[6:]
    if not 1 <= month <= 12 or not 1 <= day <= _days_in(year, month):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone = 0
    if sign is not None:
        if int(zone_hour) > 23 or int(zone_minute) > 59:
            return None
        zone = int(f"{sign}1") * (int(zone_hour) * 60 + int(zone_minute))
    minutes = (_days_since_1970(year, month, day) * 24 + hour) * 60 + minute - zone
    # A fraction is cut to milliseconds, not rounded.
    milliseconds = int((fraction or "0")[:3].ljust(3, "0"))
    return float((minutes * 60 + second) * 1000 + milliseconds)


def _days_in(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _DAYS_IN_MONTH[month - 1]


def _days_since_1970(year: int, month: int, day: int) -> int:
    """Count days of the Gregorian calendar, with years that begin in March."""
    if month <= 2:
        year, month = year - 1, month + 12
    days = 365 * year + year // 4 - year // 100 + year // 400
    return days + (153 * (month - 3) + 2) // 5 + day - 1 - _DAYS_BEFORE_1970
