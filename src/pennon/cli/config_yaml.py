"""
YAML with the meaning of JSON: what was written is what is read, on any machine.

A plain word is text unless it is a number as JSON has them, `true`, `false`, `null` or `~`: `on`,
`no` and `12:30` are text. What would be a number in some YAML and text in another is refused, and
so are tags, anchors and aliases, and keys that stand twice or are no text. What is written puts
everything into quotes that any reader of YAML could take for something else.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

import yaml

from pennon.cli.config_parsed import MOST_DEEP, Parsed, Steps
from pennon.errors import BadInput, Fault
from pennon.model.checking import path_to

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_ALMOST_A_NUMBER: Final = re.compile(
    r"[-+]?(?:0[xXoObB][0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]+)?"
    r"|\.[0-9][0-9_]*(?:[eE][-+]?[0-9_]+)?|\.(?:inf|Inf|INF|nan|NaN|NAN))"
)
_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_OTHER_BREAKS: Final = frozenset("\r\x85\u2028\u2029")
"""What some readers take for the end of a line, and some for a blank: it is always escaped."""
_SHORT_TRUTHS: Final = frozenset("yYnN")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotANumber(ValueError):
    """A plain word that some readers of YAML take for a number, and others do not."""


def read_yaml(text: str) -> list[Parsed]:
    """Return the documents of a stream. Raises BadInput at ``line N`` where it is no YAML."""
    try:
        events = list(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}" if mark else "$"
        raise BadInput.at(where, f"is no YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise BadInput.at("$", f"is no YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise BadInput.at("$", "expected YAML that is nested less deeply") from None
    return list(_documents(iter(events)))


def plain(word: str) -> Any:
    """Return what a word without quotes says. Raises NotANumber."""
    if word in _WORDS:
        return _WORDS[word]
    if number := _NUMBER.fullmatch(word):
        try:
            value = float(word) if number[1] or number[2] else int(word)
        except ValueError:
            raise NotANumber from None  # it has more digits than Python reads
        if isinstance(value, float) and not math.isfinite(value):
            raise NotANumber
        return value
    if _ALMOST_A_NUMBER.fullmatch(word):
        raise NotANumber
    return word


def write_yaml(documents: Iterable[object]) -> str:
    """Return *documents* as a stream, equal ones always alike."""
    return yaml.dump_all(
        documents,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=sys.maxsize,
    )


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their name; nothing is an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _written(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if not _OTHER_BREAKS.isdisjoint(text):
        style: str | None = '"'
    elif _needs_quotes(text):
        style = "'"
    else:
        style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _written)


def _needs_quotes(text: str) -> bool:
    try:
        return plain(text) is not text or text in _SHORT_TRUTHS
    except NotANumber:
        return True


def _documents(events: Iterator[yaml.Event]) -> Iterator[Parsed]:
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            reader = _Reader(events)
            value = reader.read(next(events), (), "$")
            yield Parsed(value, reader.lines, tuple(reader.faults))


class _Reader:
    """Makes one document from its events, and keeps lines and faults."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self.lines: dict[Steps, int] = {}
        self.faults: list[Fault] = []

    def read(self, event: yaml.Event, steps: Steps, path: str) -> Any:
        """Return the value that begins with *event*."""
        mark = event.start_mark
        line = mark.line + 1 if mark else 1
        if len(steps) >= MOST_DEEP:
            raise BadInput.at(f"line {line}", "expected YAML that is nested less deeply")
        self.lines.setdefault(steps, line)
        tag = getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            self._fault(path, "anchors and aliases are not read; write it out")
        elif tag is not None:
            self._fault(path, f"tags such as {tag} are not read")
        match event:
            case yaml.MappingStartEvent():
                return self._mapping(steps, path)
            case yaml.SequenceStartEvent():
                return self._sequence(steps, path)
            case yaml.ScalarEvent():
                return self._scalar(event, path)
        return None

    def _mapping(self, steps: Steps, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self.read(event, (*steps, -1), path)
            line = self.lines.pop((*steps, -1))
            if not isinstance(key, str):
                self._fault(path, f"expected text as a key on line {line}; put it into quotes")
                key = f"(line {line})"
            at = path_to(path, key)
            self.lines[*steps, key] = line
            value = self.read(next(self._events), (*steps, key), at)
            if key in found:
                self._fault(at, f"is there twice, again on line {line}")
            found[key] = value
        return found

    def _sequence(self, steps: Steps, path: str) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            place = len(found)
            found.append(self.read(event, (*steps, place), path_to(path, place)))
        return found

    def _scalar(self, event: yaml.ScalarEvent, path: str) -> Any:
        # A scalar in quotes or in a block is text, and so is one with a tag, which is refused.
        if not event.implicit[0]:
            return event.value
        try:
            return plain(event.value)
        except NotANumber:
            self._fault(
                path,
                f"{event.value} is a number in some YAML; write it as JSON does, "
                "or put it into quotes",
            )
            return event.value

    def _fault(self, path: str, message: str) -> None:
        self.faults.append(Fault(path, message))
