"""Reads one line of an input file exactly, and finds everything that is wrong with it.

The fast path in `scan` can only tell that lines are clean; all others are read here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thing_registration.checks.findings import Fault, Problem
from thing_registration.checks.lines.json_lines import byte_at
from thing_registration.checks.misspellings import meant_by
from thing_registration.checks.pairs import Pairs
from thing_registration.checks.parameter_uses import PREDEFINED, ParameterUses
from thing_registration.checks.quoting import (
    UNUSUAL_NUMBER,
    field_name,
    field_names,
    lower_first,
    shown,
)
from thing_registration.checks.rules.lines import (
    KEY_MISSPELT,
    KEY_TWICE,
    KEY_UNKNOWN,
    LINE_ENCODING,
    LINE_JSON,
    LINE_LENGTH,
    LINE_OBJECT,
    PARAMETER_MISSING,
    UNUSED_PARAMETER_MISSING,
)
from thing_registration.checks.rules.template import PARAMETER_PREDEFINED
from thing_registration.checks.rules.values import (
    PRIVATE_KEY,
    VALUE_LENGTH,
    as_text,
    type_faults,
    value_faults,
)
from thing_registration.checks.secrets import has_private_key, texts_in
from thing_registration.checks.value_kinds import PEM_KINDS, Kind

if TYPE_CHECKING:
    from thing_registration.checks.lines.certificates import Pem


_ALONE = "one JSON object per line, or that list alone"


@dataclass(frozen=True)
class LineReading:
    """A line's values by parameter, Defaults filled in, and what is wrong with it."""

    values: dict[str, str]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class ExactLine:
    """Checks lines against a template.

    Args:
        uses: What the template asks of a line.
        source: The input file, for messages.
        certificates: Whether to read CSRs and certificates.
    """

    uses: ParameterUses
    source: str
    certificates: bool = True

    def read(self, line: bytes, number: int) -> LineReading:
        """Read one line that is not blank, without its line break."""
        problems = [fault.at(self.source, line=number) for fault in LINE_LENGTH.faults(line)]
        column = None
        try:
            pairs = json.loads(line.decode(), object_pairs_hook=Pairs, parse_constant=_no_constant)
        except UnicodeDecodeError as error:
            fault = LINE_ENCODING.fault(got=byte_at(line, error.start))
        except json.JSONDecodeError as error:
            fault, column = LINE_JSON.fault(got=lower_first(error.msg)), error.colno
        except ValueError:
            fault = LINE_JSON.fault(got=UNUSUAL_NUMBER)
        except RecursionError:
            fault = LINE_JSON.fault(got="too many levels")
        else:
            if isinstance(pairs, Pairs):
                return self._read_pairs(pairs, number, problems)
            fault = LINE_OBJECT.fault(got=shown(pairs))
        problems.append(fault.at(self.source, line=number, column=column))
        if has_private_key(line.decode(errors="replace")):
            problems.append(PRIVATE_KEY.fault(got="").at(self.source, line=number))
        return LineReading({}, tuple(problems))

    def problem(self, fault: Fault, number: int, parameter: str) -> Problem:
        """Return the problem that a fault of a parameter's value is on a line."""
        return fault.at(self.source, line=number, field=field_name(parameter))

    def pem(self, parameter: str, text: str) -> Pem:
        """Read a CSR or certificate that a parameter holds."""
        from thing_registration.checks.lines.certificates import read_pem

        (kind, *_) = (kind for kind in self.uses.kinds_of(parameter) if kind in PEM_KINDS)
        return read_pem(kind, text)

    def unique_part(self, parameter: str, values: dict[str, str]) -> str | bytes | None:
        """Return what no other line may hold of a line's value: itself, or the key within it."""
        value = values.get(parameter)
        if value is None or PEM_KINDS.isdisjoint(self.uses.kinds_of(parameter)):
            return value
        return self.pem(parameter, value).key

    def _read_pairs(self, pairs: Pairs, number: int, problems: list[Problem]) -> LineReading:
        if len(pairs) == 1 and _is_list_of_devices(pairs[0][1]):
            got = f"has all devices in one list, {field_name(pairs[0][0])}"
            fault = LINE_OBJECT.fault(got=got, message="{got}: must be {allowed}", allowed=_ALONE)
            return LineReading({}, (*problems, fault.at(self.source, line=number)))
        given: dict[str, object] = {}
        values: dict[str, str] = {}
        meant = self._meant(pairs)
        faults = list(self._key_faults(pairs, given, meant))
        for parameter, default in self.uses.defaults.items():
            if parameter in given:
                text, found = self._value(parameter, given[parameter])
                faults.extend((parameter, fault) for fault in found)
            else:
                text = default
                if default is None and parameter not in meant.values():
                    faults.append((parameter, self._missing(parameter, given)))
            if text is not None:
                values[parameter] = text
        problems += (self.problem(fault, number, key) for key, fault in faults)
        return LineReading(values, tuple(problems))

    def _meant(self, pairs: Pairs) -> dict[str, str]:
        """Return the parameter that each misspelt key means: one that the line does not give."""
        declared, keys = self.uses.defaults, {key for key, _ in pairs}
        missing = [parameter for parameter in declared if parameter not in keys]
        unknown = [key for key in keys if key not in declared]
        return meant_by(unknown, missing) if missing and unknown else {}

    def _key_faults(
        self, pairs: Pairs, given: dict[str, object], meant: Mapping[str, str]
    ) -> Iterator[tuple[str, Fault]]:
        """Return what is wrong with the keys of a line, and fill in what each is given first."""
        declared = self.uses.defaults
        for key, value in pairs:
            if _has_private_key(key, value):
                yield key, PRIVATE_KEY.fault(got="")
            elif key in given:
                yield key, KEY_TWICE.fault(got=f"{shown(given[key])} and {shown(value)}")
            elif key in meant:
                yield key, KEY_MISSPELT.fault(got=field_name(key), allowed=field_name(meant[key]))
            elif key not in declared:
                allowed = field_names(declared, "no parameters")
                yield key, KEY_UNKNOWN.fault(got=shown(value), allowed=allowed)
            given.setdefault(key, value)

    def _missing(self, parameter: str, given: dict[str, object]) -> Fault:
        if parameter.startswith(PREDEFINED):
            return PARAMETER_PREDEFINED.fault(
                got="", message="is filled by just-in-time and fleet provisioning only: {allowed}"
            )
        used = self.uses.kinds_of(parameter)
        rule = PARAMETER_MISSING if used else UNUSED_PARAMETER_MISSING
        return rule.fault(got=f"only {field_names(given)}" if given else "no values")

    def _value(self, parameter: str, value: object) -> tuple[str | None, list[Fault]]:
        if _has_private_key(parameter, value):
            # It is reported already, and what else is wrong with the value follows from it.
            return None, []
        faults = type_faults(value)
        if not isinstance(value, str | int | float):
            return None, faults
        text = as_text(value)
        kinds = self.uses.kinds_of(parameter)
        if Kind.CSR not in kinds:
            faults.extend(VALUE_LENGTH.faults(text))
        for kind in kinds:
            faults.extend(value_faults(kind, text))
        if self.certificates and not PEM_KINDS.isdisjoint(kinds):
            faults.extend(self.pem(parameter, text).faults)
        return text, faults


def _is_list_of_devices(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, Pairs) for one in value)


def _has_private_key(key: str, value: object) -> bool:
    return any(map(has_private_key, texts_in((key, value))))


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
