"""Checks a template and an input file against every rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from math import ceil
from pathlib import Path

from thing_registration import limits
from thing_registration.argument_types import typed
from thing_registration.checks.fast.read import read_lines
from thing_registration.checks.fast.scan import Progress
from thing_registration.checks.fast.scan_result import ScanResult
from thing_registration.checks.findings import SHOWN_PROBLEMS, Fault, Findings
from thing_registration.checks.lines.canonical_file import canonical_file
from thing_registration.checks.lines.csv_header import column_faults
from thing_registration.checks.lines.json_lines import JsonLines, unreadable
from thing_registration.checks.parameter_uses import ParameterUses
from thing_registration.checks.rules import RULES
from thing_registration.checks.rules.input import DURATION, INPUT_EMPTY, SWAPPED
from thing_registration.checks.template.parse import is_template
from thing_registration.checks.template.walk import TemplateReading
from thing_registration.checks.value_kinds import PREREQUISITE_KINDS, Kind
from thing_registration.input_file import InputFile
from thing_registration.prerequisites import PrerequisiteNames
from thing_registration.provisioning_template import ProvisioningTemplate
from thing_registration.verdict import Verdict

# With all its white space.
_LONGEST_TEMPLATE = 10 * limits.MAX_TEMPLATE_BODY_LENGTH


@typed
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
    """Check a provisioning template and its input file, without any call to AWS or start of CDK.

    Whatever the files contain, this returns a verdict; their content raises nothing. An input file
    in a bucket is not read: only the template is checked. In a test of your own:

        def test_the_fleet_can_be_registered() -> None:
            template = ProvisioningTemplate.from_file("fleet/template.json")
            input_file = InputFile.from_file("fleet/devices.jsonl")

            assert not check(template, input_file).errors

    Args:
        template: The template.
        input_file: The values for its parameters, one JSON object of at most 256,000 bytes per
            line.
        strict: Whether warnings count as errors.
        things_per_second: Rate for the estimated duration, more than 0. AWS documents none.
        longest_wait: A longer estimated duration of the whole file is a warning.
        certificates: Whether to read CSRs and certificates, for their form and for keys that two
            devices share. That takes most of the time.
        progress: Is called with the number of bytes read since its last call.

    Raises:
        subprocess.CalledProcessError: a process that reads a part of a large file was killed.

    https://docs.aws.amazon.com/iot/latest/developerguide/bulk-provisioning.html
    """
    reading, lines = template.reading, input_file.json_lines
    if lines is not None and not is_template(reading.body) and _has_template(lines):
        swapped = SWAPPED.fault(got=template.source).at(lines.source)
        return _verdict(Findings([swapped]), strict)
    found = Findings(reading.problems)
    if lines is not None:
        found.merge(lines.found.counts, lines.found.first)
    if reading.uses is None or (lines is not None and lines.path is None):
        return _verdict(found, strict)
    if lines is None:
        return _verdict_on_template_alone(reading, found, strict)
    try:
        if lines.header is not None:
            faults = list(column_faults(lines.header, reading.uses))
            for fault in faults:
                found.add(fault.at(lines.source, line=lines.header.line))
            if any(fault.severity == "error" for fault in faults):
                return _verdict(found, strict)
        result = read_lines(lines, reading.uses, certificates, progress)
        duration = timedelta(seconds=ceil(result.devices / things_per_second))
        found.merge(result.counts, result.first)
        for fault in _file_faults(result, duration, things_per_second, longest_wait):
            found.add(fault.at(lines.source))
        return _verdict_on_both(reading, lines, result, duration, _verdict(found, strict))
    except OSError as error:
        missing = unreadable(lines.source, error).found
        found.merge(missing.counts, missing.first)
        return _verdict(found, strict)


def _has_template(lines: JsonLines) -> bool:
    """Return whether an input file has the content of a template."""
    if lines.path is None:
        return False
    try:
        with lines.path.open(encoding="utf-8-sig") as file:
            return is_template(file.read(_LONGEST_TEMPLATE))
    except (OSError, UnicodeDecodeError):
        return False


def _verdict(found: Findings, strict: bool) -> Verdict:
    errors = sum(n for rule, n in found.counts.items() if RULES[rule].severity == "error")
    total = found.counts.total()
    problems = tuple(found.first[:SHOWN_PROBLEMS])
    if strict:
        errors = total
        problems = tuple(replace(problem, severity="error") for problem in problems)
    return Verdict(problems, dict(found.counts), errors, total - errors)


def _verdict_on_template_alone(reading: TemplateReading, found: Findings, strict: bool) -> Verdict:
    uses = reading.uses
    assert uses is not None  # noqa: S101, the caller has looked
    defaults = {
        kind: [uses.defaults[name] or "" for name in uses.parameters_of(kind)]
        for kind in PREREQUISITE_KINDS
    }
    names = _prerequisite_names(uses, defaults)
    return replace(_verdict(found, strict), names=names, rewrites=reading.rewrites)


def _verdict_on_both(
    reading: TemplateReading,
    lines: JsonLines,
    result: ScanResult,
    duration: timedelta,
    verdict: Verdict,
) -> Verdict:
    assert reading.uses is not None and lines.path is not None  # noqa: S101, PT018, as above
    canonical: Path | None = None
    notes: tuple[str, ...] = ()
    if not verdict.error_count:
        canonical, notes = canonical_file(
            lines.path,
            lines.source,
            byte_order_mark=result.byte_order_mark,
            carriage_returns=result.carriage_returns,
            blank=result.blank,
        )
    return replace(
        verdict,
        lines=result.devices,
        estimated_duration=duration,
        names=_prerequisite_names(reading.uses, result.names),
        canonical=canonical,
        rewrites=(*reading.rewrites, *lines.rewrites, *notes),
    )


def _prerequisite_names(
    uses: ParameterUses, values: Mapping[Kind, Iterable[str]]
) -> PrerequisiteNames:
    """Return what must exist first: what the template names, and the values of its parameters."""

    def names(kind: Kind) -> tuple[str, ...]:
        return tuple(sorted({*uses.literals_of(kind), *values.get(kind, ())} - {""}))

    return PrerequisiteNames(*map(names, PREREQUISITE_KINDS))


def _file_faults(
    result: ScanResult,
    duration: timedelta,
    things_per_second: float,
    longest_wait: timedelta | None,
) -> Iterator[Fault]:
    if result.devices == 0:
        blank = f"{result.lines:,} blank lines" if result.lines else "0 lines"
        yield INPUT_EMPTY.fault(got=blank)
    if longest_wait is not None and duration > longest_wait:
        devices = f"{result.devices:,} devices"
        yield DURATION.fault(
            got=f"{devices} takes about {duration} at {things_per_second:g} per second",
            allowed=f"at most {longest_wait}",
        )
