"""What generated flags and contexts are made of: few words, so that they meet, and many traps."""

from __future__ import annotations

from typing import Any, Final

KINDS: Final = ("user", "organization", "device", "x.y-z_1")

NAMES: Final = (
    "plan",
    "country",
    "age",
    "tags",
    "address",
    "version",
    "createdAt",
    "name",
    "anonymous",
    "key",
    "a/b",
    "/slash",
    "~tilde",
    "名前",
    "constructor",
    "__proto__",
    "targetingKey",
)
"""Literal names of attributes; some are other things in some language."""

PATHS: Final = (
    "/plan",
    "/address/city",
    "/address/geo/lat",
    "/a~1b",
    "/~1slash",
    "/~0tilde",
    "/tags/0",
    "/key",
    "/kind",
    "/kind/length",
    "/anonymous",
    "/plan/length",
    "/constructor/name",
    "/名前",
)
"""Paths; the second component of some exists in one language and not in JSON."""

BAD_REFERENCES: Final = ("", "/", "//", "/a//b", "/a/", "/a~2", "/a~")

TEXTS: Final = (
    "pro",
    "Pro",
    "free",
    "professional",
    "US",
    "",
    " ",
    "1",
    "true",
    "null",
    "user",
    "organization",
    "é",
    "e\u0301",
    "😀",
    "😀😁",
    "名",
    "a.b@example.com",
    "x" * 200,
    "tab\there",
)

NUMBERS: Final[tuple[Any, ...]] = (
    0,
    -0.0,
    1,
    1.0,
    -1,
    1.5,
    33,
    33.0,
    0.1,
    100_000,
    2**31,
    2**53 - 1,
    -(2**53) + 1,
    1e15,
    1e300,
    1577836800000,
    1577836800000.5,
)

VERSIONS: Final = (
    "1.2.3",
    "1.2",
    "2",
    "2.0.0",
    "2-rc1",
    "2.0.0-rc.1",
    "2.0.0-rc.2",
    "2.0.0-rc.10",
    "2.0.0-rc.10.x",
    "2.0.0-alpha",
    "2.0.0+build.7",
    "2.1+build",
    "10.0.0",
    "99999999999999999999.0.0",
    "1.0.0-99999999999999999998",
    "1.0.0-99999999999999999999",
    "1.0.0--",
    "1.0.0-0",
)
BAD_VERSIONS: Final = (
    "2.",
    ".2",
    "1.2.3.4",
    "v2",
    "1.2.3-01",
    " 1.2.3",
    "01.2.3",
    "1.0.0-",
    "1.x",
    "1.0.0-é",
)

DATES: Final = (
    "2020-01-01T00:00:00Z",
    "2020-01-01t00:00:00z",
    "2020-01-01T00:00:00.5Z",
    "2020-01-01T01:00:00+01:00",
    "2019-12-31T23:59:59.875-00:00",
    "2020-02-29T12:00:00+23:59",
    "1969-12-31T23:59:59Z",
    "2020-01-01T00:00:00.1239Z",
    "9999-12-31T23:59:59Z",
    "0001-01-02T00:00:00Z",
)
BAD_DATES: Final = (
    "2020-01-01",
    "2020-01-01T00:00:00",
    "2020-01-01T00:00Z",
    "2020-01-01 00:00:00Z",
    "2020-02-30T00:00:00Z",
    "2020-01-01T24:00:00Z",
    "2020-01-01T00:00:60Z",
    "2020-01-01T00:00:00.Z",
    "1577836800000",
    "2020-01-01T00:00:00+0100",
    "0000-01-01T00:00:00Z",
)

PATTERNS: Final = (
    "^p",
    "o$",
    "^pro$",
    "[a-f]+",
    "^[^a-z]*$",
    r"\d+",
    r"^\w+$",
    r"\s",
    r"\S+@\S+\.com$",
    "(free|pro)(fessional)?",
    "",
    "^$",
    ".",
    "^.{1,3}$",
    "é",
    "(?:a|b)c{2,}",
    r"[\W]",
    "x{3}",
    r"^[\d-]+$",
    r"\.",
    "|q",
)
BAD_PATTERNS: Final = (
    "(",
    "[",
    "(?i)pro",
    "a**",
    "(?=p)p",
    r"(p)\1",
    r"\p{L}",
    "x{2,1}",
    r"\bpro\b",
)

COMPARISONS: Final = ("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual")
TEXT_OPERATORS: Final = ("startsWith", "endsWith", "contains")
DATE_OPERATORS: Final = ("before", "after")
VERSION_OPERATORS: Final = (
    "semVerEqual",
    "semVerLessThan",
    "semVerGreaterThan",
    "semVerLessThanOrEqual",
    "semVerGreaterThanOrEqual",
)
UNKNOWN_OPERATORS: Final = ("segmentMatch", "IN", "", "between")
