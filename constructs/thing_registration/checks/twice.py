"""Finds what may stand in one line only: a thing's name, a CSR, a certificate."""

from __future__ import annotations

from array import array
from pathlib import Path

from thing_registration.checks.json_lines import JsonLines
from thing_registration.checks.line import LineCheck
from thing_registration.checks.part import Part
from thing_registration.checks.plan import Plan
from thing_registration.checks.rules import RULES
from thing_registration.checks.scan import BYTE_ORDER_MARK
from thing_registration.checks.values import Kind
from thing_registration.problem import Problem, field_name, shown


def named_twice(path: Path, lines: JsonLines, plan: Plan, part: Part) -> list[Problem]:
    """Say which values stand in several lines.

    Lines whose numbers are equal are read again: the numbers only tell where to look.
    """
    problems = []
    for parameter, content in part.hashes.items():
        if parameter in part.ascending:
            continue
        numbers = array("q")
        numbers.frombytes(content)
        suspects = _equal(numbers)
        if suspects:
            problems += _confirmed(path, lines, plan, parameter, suspects)
    literal = plan.literals_of(Kind.THING_NAME)
    if literal and part.devices > 1:
        what, got = "names a thing twice", f"{shown(literal[0])} for {part.devices:,} lines"
        allowed = "each thing once"
        rule_ = RULES["thing-name-twice"]
        problems.append(rule_.problem(lines.source, None, "ThingName", what, got, allowed))
    return problems


def _equal(numbers: array[int]) -> set[int]:
    """Give the lines, from 1, whose number another line has too; 0 is no number."""
    if len(set(numbers)) + max(numbers.count(0) - 1, 0) == len(numbers):
        return set()
    first: dict[int, int] = {}
    lines = set()
    for line, number in enumerate(numbers, 1):
        if number and first.setdefault(number, line) != line:
            lines |= {first[number], line}
    return lines


def _confirmed(
    path: Path, lines: JsonLines, plan: Plan, parameter: str, suspects: set[int]
) -> list[Problem]:
    exact = LineCheck(plan, lines.source)
    named = Kind.THING_NAME in plan.kinds_of(parameter)
    first: dict[str | bytes, int] = {}
    problems = []
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number not in suspects:
                continue
            content = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
            values = exact.read(content.rstrip(b"\r\n"), number).values
            own = exact.own(parameter, values)
            if own is None or first.setdefault(own, number) == number:
                continue
            before = lines.at(first[own])
            if named:
                rule, what, allowed = "thing-name-twice", "names a thing twice", "each thing once"
                got = f"{shown(own)} as in line {before}"
            else:
                rule, what = "certificate-twice", "gives one key to two devices"
                got, allowed = f"that of line {before}", "one of its own"
            where = field_name(parameter)
            problems.append(RULES[rule].problem(lines.source, number, where, what, got, allowed))
    return problems
