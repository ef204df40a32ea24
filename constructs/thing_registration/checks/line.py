"""Reads one line of an input file exactly, and says everything that is wrong with it.

The fast path in `scan` only tells that a line is clean; every line that it does not like comes
here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thing_registration import limits
from thing_registration.checks.plan import Plan
from thing_registration.checks.rules import RULES
from thing_registration.checks.values import (
    PEM_KINDS,
    Fault,
    Kind,
    as_text,
    text_faults,
    type_fault,
)
from thing_registration.problem import UNUSUAL_NUMBER, Problem, field_name, shown

if TYPE_CHECKING:
    from thing_registration.checks.certificates import Pem

_ALLOWED = "one JSON object a line"


@dataclass(frozen=True)
class LineReading:
    """A line's values by parameter, Defaults filled in, and what is wrong with it."""

    values: dict[str, str]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class LineCheck:
    """Holds lines against a template.

    Args:
        plan: What the template asks of a line.
        source: The input file, for messages.
        certificates: Whether to look into CSRs and certificates.
    """

    plan: Plan
    source: str
    certificates: bool = True

    def read(self, line: bytes, number: int) -> LineReading:
        """Read one line that is not blank, without its line break."""
        problems: list[Problem] = []

        def say(field: str | None, fault: Fault, column: int | None = None) -> None:
            problems.append(self.problem(number, field, fault, column))

        if len(line) > limits.MAX_LINE_BYTES:
            allowed = f"at most {limits.MAX_LINE_BYTES:,}"
            say(None, Fault("line-length", "is too long", f"{len(line):,} bytes", allowed))
        try:
            pairs = _pairs(line)
        except UnicodeDecodeError as error:
            got = f"byte 0x{line[error.start]:02x} at {error.start + 1}"
            say(None, Fault("line-encoding", "is not UTF-8", got, "UTF-8"))
        except json.JSONDecodeError as error:
            got = error.msg[:1].lower() + error.msg[1:]
            say(None, Fault("line-json", "is not JSON", got, _ALLOWED), error.colno)
        except ValueError:
            say(None, Fault("line-json", "is not JSON", UNUSUAL_NUMBER, _ALLOWED))
        except RecursionError:
            say(None, Fault("line-json", "is not JSON", "too many levels", _ALLOWED))
        else:
            if not isinstance(pairs, _Pairs):
                say(None, Fault("line-object", "is not a JSON object", shown(pairs), _ALLOWED))
                return LineReading({}, tuple(problems))
            values, faults = self._values(pairs)
            for field, fault in faults:
                say(field, fault)
            return LineReading(values, tuple(problems))
        return LineReading({}, tuple(problems))

    def problem(
        self, number: int, field: str | None, fault: Fault, column: int | None = None
    ) -> Problem:
        """Say a fault with the place where it stands."""
        where = field_name(field) if field is not None else None
        return RULES[fault.rule].problem(self.source, number, where, *fault[1:], column)

    def pem(self, parameter: str, text: str) -> Pem:
        """Read a CSR or certificate that a parameter holds."""
        from thing_registration.checks.certificates import read_pem

        (kind, *_) = (kind for kind in self.plan.kinds_of(parameter) if kind in PEM_KINDS)
        return read_pem(kind, text)

    def own(self, parameter: str, values: dict[str, str]) -> str | bytes | None:
        """Give what a line's value must be the only one to hold: itself, or the key within."""
        value = values.get(parameter)
        if value is None or PEM_KINDS.isdisjoint(self.plan.kinds_of(parameter)):
            return value
        return self.pem(parameter, value).key

    def _values(self, pairs: _Pairs) -> tuple[dict[str, str], list[tuple[str, Fault]]]:
        values: dict[str, str] = {}
        faults: list[tuple[str, Fault]] = []
        declared = self.plan.defaults
        given: dict[str, object] = {}
        for key, value in pairs:
            if key in given:
                got = f"{shown(given[key])} and {shown(value)}"
                what = "stands twice in the line"
                faults.append((key, Fault("key-twice", what, got, "each parameter once")))
            elif key not in declared:
                allowed = ", ".join(sorted(map(field_name, declared))) or "no key"
                what = "is no parameter of the template"
                faults.append((key, Fault("key-unknown", what, shown(value), allowed)))
            given.setdefault(key, value)
        for parameter, default in declared.items():
            if parameter in given:
                text, found = self._value(parameter, given[parameter])
                faults.extend((parameter, fault) for fault in found)
            else:
                text = default
                if default is None:
                    got = ", ".join(sorted(map(field_name, given))) or "an empty object"
                    fault = Fault(
                        "parameter-missing", "has no value and no Default", got, "a string"
                    )
                    faults.append((parameter, fault))
            if text is not None:
                values[parameter] = text
        return values, faults

    def _value(self, parameter: str, value: object) -> tuple[str | None, list[Fault]]:
        fault = type_fault(value)
        faults = [fault] if fault is not None else []
        if not isinstance(value, str | int | float):
            return None, faults
        text = as_text(value)
        kinds = self.plan.kinds_of(parameter)
        longest = limits.MAX_PARAMETER_VALUE_LENGTH
        if len(text) > longest and Kind.CSR not in kinds:
            what, got = "is longer than RegisterThing takes", f"{len(text):,} characters"
            faults.append(Fault("value-length", what, got, f"at most {longest:,}"))
        for kind in kinds:
            faults.extend(text_faults(kind, text))
        if self.certificates and not PEM_KINDS.isdisjoint(kinds):
            faults.extend(self.pem(parameter, text).faults)
        return text, faults


class _Pairs(list[tuple[str, object]]):
    """A JSON object as it stands in the line, keys that stand twice included."""


def _pairs(line: bytes) -> object:
    return json.loads(
        line.decode(),
        object_pairs_hook=_Pairs,
        parse_constant=_no_constant,
    )


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
