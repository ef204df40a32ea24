"""Holds a template and an input file against every rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from thing_registration import limits
from thing_registration.checks.canonical import canonical_file
from thing_registration.checks.json_lines import unreadable
from thing_registration.checks.part import NAMED_KINDS, SHOWN_PROBLEMS, Findings, Part
from thing_registration.checks.plan import Plan
from thing_registration.checks.read import read_lines
from thing_registration.checks.rules import RULES
from thing_registration.checks.scan import Progress
from thing_registration.checks.values import Kind
from thing_registration.prerequisite_names import PrerequisiteNames
from thing_registration.problem import Problem
from thing_registration.verdict import Verdict

if TYPE_CHECKING:
    from thing_registration.input_file import InputFile
    from thing_registration.provisioning_template import ProvisioningTemplate


def check(
    template: ProvisioningTemplate,
    input_file: InputFile,
    *,
    strict: bool = False,
    things_per_second: float = limits.THINGS_PER_SECOND,
    longest_wait: timedelta | None = None,
    certificates: bool = True,
    progress: Progress | None = None,
) -> Verdict:
    """Check a provisioning template and the input file for it, without any call to AWS.

    Whatever the files hold, a verdict comes back; nothing is raised for their content. An input
    file in a bucket is not read: the template alone is checked.
    https://docs.aws.amazon.com/iot/latest/developerguide/bulk-provisioning.html

    Args:
        template: The template.
        input_file: The values for its parameters.
        strict: Whether warnings count as errors.
        things_per_second: Rate for the estimated duration. AWS documents none.
        longest_wait: A longer estimated duration is an error.
        certificates: Whether to look into CSRs and certificates, for their form and for keys that
            two devices share. That takes most of the time.
        progress: Is called with the number of bytes read since its last call.
    """
    reading = template.reading
    found = Findings()
    for problem in reading.problems:
        found.add(problem)
    lines = input_file.json_lines
    if lines is not None:
        found.merge(lines.found.counts, lines.found.first)
    if reading.plan is None or reading.body is None:
        return _verdict(found, strict)
    if lines is None:
        names = prerequisite_names(reading.plan, _defaults(reading.plan))
        return replace(_verdict(found, strict), names=names, rewrites=reading.rewrites)
    if lines.path is None:
        return _verdict(found, strict)
    try:
        part = read_lines(lines.path, lines, reading.plan, reading.body, certificates, progress)
        found.merge(part.counts, part.first)
        duration = timedelta(seconds=ceil(part.devices / things_per_second))
        for problem in _whole_file(lines.source, part, duration, things_per_second, longest_wait):
            found.add(problem)
        verdict = _verdict(found, strict)
        canonical = None
        notes: tuple[str, ...] = ()
        if not verdict.error_count:
            canonical, notes = canonical_file(lines.path, lines.source, part)
    except OSError as error:
        missing = unreadable(lines.source, error).found
        found.merge(missing.counts, missing.first)
        return _verdict(found, strict)
    return replace(
        verdict,
        lines=part.devices,
        estimated_duration=duration,
        names=prerequisite_names(reading.plan, part.names),
        canonical=canonical,
        rewrites=(*reading.rewrites, *lines.rewrites, *notes),
    )


def prerequisite_names(plan: Plan, values: Mapping[Kind, Iterable[str]]) -> PrerequisiteNames:
    """Name what must exist first: what the template states, and what parameters are given."""

    def names(kind: Kind) -> tuple[str, ...]:
        return tuple(sorted({*plan.literals_of(kind), *values.get(kind, ())} - {""}))

    return PrerequisiteNames(*map(names, NAMED_KINDS))


def _defaults(plan: Plan) -> dict[Kind, list[str]]:
    found: dict[Kind, list[str]] = {}
    for kind in NAMED_KINDS:
        values = (plan.defaults[name] for name in plan.parameters_of(kind))
        found[kind] = [value for value in values if value is not None]
    return found


def _whole_file(
    source: str,
    part: Part,
    duration: timedelta,
    things_per_second: float,
    longest_wait: timedelta | None,
) -> list[Problem]:
    problems = []
    if part.devices == 0:
        got = "0 lines" if part.lines == 0 else f"{part.lines:,} blank lines"
        what, allowed = "names no device", "one JSON object a line"
        problems.append(RULES["input-empty"].problem(source, None, None, what, got, allowed))
    if longest_wait is not None and duration > longest_wait:
        what = "would take longer than the deployment waits"
        got = f"about {duration} for {part.devices:,} lines at {things_per_second:g} a second"
        way_out = "split the file over several deployments, or state the rate that you know"
        allowed = f"{longest_wait}: {way_out}"
        problems.append(RULES["duration"].problem(source, None, None, what, got, allowed))
    return problems


def _verdict(found: Findings, strict: bool) -> Verdict:
    errors = sum(n for rule, n in found.counts.items() if RULES[rule].severity == "error")
    total = found.counts.total()
    problems = tuple(found.first[:SHOWN_PROBLEMS])
    if strict:
        errors = total
        problems = tuple(replace(problem, severity="error") for problem in problems)
    return Verdict(problems, dict(found.counts), errors, total - errors)
