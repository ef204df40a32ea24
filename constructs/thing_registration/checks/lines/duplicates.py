"""Finds what may be on one line only: a thing's name, a key, a certificate."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

from thing_registration.checks.findings import Problem
from thing_registration.checks.lines.exact_line import ExactLine
from thing_registration.checks.lines.json_lines import BYTE_ORDER_MARK, JsonLines
from thing_registration.checks.parameter_uses import ParameterUses
from thing_registration.checks.quoting import field_name, shown
from thing_registration.checks.rules.lines import (
    CERTIFICATE_TWICE,
    PUBLIC_KEY_TWICE,
    THING_NAME_TWICE,
)
from thing_registration.checks.value_kinds import UNIQUE_KEYS, Kind


def duplicates(
    path: Path, lines: JsonLines, uses: ParameterUses, hashes: Mapping[str, bytes], devices: int
) -> Iterator[Problem]:
    """Return the values that are on several lines.

    Args:
        path: The file.
        lines: Where its lines come from.
        uses: What the template asks of a line.
        hashes: For each parameter whose values must differ, one 64-bit number per line, 0 for no
            value. Lines with equal numbers are read again: the numbers only tell where to look.
        devices: Number of lines that are not blank.
    """
    for parameter, content in hashes.items():
        numbers = array("q")
        numbers.frombytes(content)
        suspects = _equal(numbers)
        if suspects:
            yield from _confirmed(path, lines, uses, parameter, suspects)
    literal = uses.literals_of(Kind.THING_NAME)
    if literal and devices > 1:
        fault = THING_NAME_TWICE.fault(
            got=shown(literal[0]),
            message="the template names the thing of all {devices:,} lines {got}: {allowed}",
            devices=devices,
        )
        yield fault.at(lines.source, field="ThingName")
    if devices > 1 and any(map(uses.literals_of, UNIQUE_KEYS)):
        fault = PUBLIC_KEY_TWICE.fault(
            got="",
            message="the template gives all {devices:,} lines one key: each device must have "
            "{allowed}",
            devices=devices,
        )
        yield fault.at(lines.source)


def _equal(numbers: array[int]) -> set[int]:
    """Return the lines, from 1, whose number another line has too; 0 is no number."""
    if len(set(numbers)) + max(numbers.count(0) - 1, 0) == len(numbers):
        return set()
    first: dict[int, int] = {}
    lines = set()
    for line, number in enumerate(numbers, 1):
        if number and first.setdefault(number, line) != line:
            lines |= {first[number], line}
    return lines


def _confirmed(
    path: Path, lines: JsonLines, uses: ParameterUses, parameter: str, suspects: set[int]
) -> Iterator[Problem]:
    exact = ExactLine(uses, lines.source)
    kinds = uses.kinds_of(parameter)
    first: dict[str | bytes, int] = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number not in suspects:
                continue
            content = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
            values = exact.read(content.rstrip(b"\r\n"), number).values
            unique = exact.unique_part(parameter, values)
            if unique is None or first.setdefault(unique, number) == number:
                continue
            before = lines.at(first[unique])
            if Kind.THING_NAME in kinds:
                fault = THING_NAME_TWICE.fault(got=shown(unique), first=before)
            elif not UNIQUE_KEYS.isdisjoint(kinds):
                fault = PUBLIC_KEY_TWICE.fault(got=f"line {before}")
            else:
                fault = CERTIFICATE_TWICE.fault(got=f"line {before}")
            yield fault.at(lines.source, line=number, field=field_name(parameter))
