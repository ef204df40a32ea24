"""What a scan found in a run of lines, in a form that goes from process to process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from thing_registration.checks.findings import Findings, Problem
from thing_registration.checks.value_kinds import Kind

# The first and the last of values that ascend by length, then text: so `device-10` follows
# `device-9`. Empty for no values, None for values that do not ascend.
Span = tuple[str, ...] | None


def joined(before: Span, after: Span) -> Span:
    """Return the span of values and those after them."""
    if not before or not after:
        return None if before is None or after is None else before or after
    ascend = (len(before[-1]), before[-1]) < (len(after[0]), after[0])
    return (before[0], after[-1]) if ascend else None


class ScanResult(msgspec.Struct):
    """What was found in a run of lines.

    Args:
        lines: Number of lines, blank ones included.
        devices: Number of lines that are not blank.
        counts: Number of problems by rule.
        first: The first problems of each severity, in the order of the lines.
        names: Distinct values that must exist first, by kind.
        hashes: For each parameter whose values must differ, one 64-bit number per line, 0 if the
            line has no value. Equal values have equal numbers.
        spans: The span of each text that must differ. Values that ascend do differ.
        carriage_returns: Whether a line ends with CR LF.
        byte_order_mark: Whether the lines begin with one.
    """

    lines: int = 0
    devices: int = 0
    counts: dict[str, int] = {}
    first: list[Problem] = []
    names: dict[Kind, set[str]] = {}
    hashes: dict[str, bytes] = {}
    spans: dict[str, Span] = {}
    carriage_returns: bool = False
    byte_order_mark: bool = False

    @property
    def blank(self) -> int:
        """Number of blank lines."""
        return self.lines - self.devices


def merged(results: Iterable[ScanResult]) -> ScanResult:
    """Return what was found in consecutive runs of lines as one."""
    whole = ScanResult()
    found = Findings()
    for one in results:
        shifted = (
            replace(problem, line=problem.line + whole.lines) if problem.line else problem
            for problem in one.first
        )
        found.merge(one.counts, shifted)
        for kind, names in one.names.items():
            whole.names.setdefault(kind, set()).update(names)
        for parameter, numbers in one.hashes.items():
            whole.hashes[parameter] = whole.hashes.get(parameter, b"") + numbers
        for parameter, span in one.spans.items():
            whole.spans[parameter] = joined(whole.spans.get(parameter, ()), span)
        whole.lines += one.lines
        whole.devices += one.devices
        whole.carriage_returns |= one.carriage_returns
        whole.byte_order_mark |= one.byte_order_mark
    whole.counts, whole.first = dict(found.counts), found.first
    return whole
