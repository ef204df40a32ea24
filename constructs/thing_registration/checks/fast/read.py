"""Reads the lines of an input file, a small one at once, a large one on every core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from thing_registration.checks.fast.scan import Progress, Scan
from thing_registration.checks.fast.scan_result import ScanResult
from thing_registration.checks.findings import Findings, Problem
from thing_registration.checks.lines.duplicates import duplicates
from thing_registration.checks.lines.json_lines import JsonLines
from thing_registration.checks.lines.object_stream import objects_over_lines
from thing_registration.checks.parameter_uses import ParameterUses
from thing_registration.checks.rules.lines import (
    KEY_UNKNOWN,
    LINE_JSON,
    LINE_OBJECT,
    UNUSED_PARAMETER_MISSING,
)
from thing_registration.checks.rules.template import PARAMETER_PREDEFINED

# One process reads a file of this size in a twentieth of a second, certificates aside; starting
# others takes as long.
_LARGE = 8 * 1024 * 1024


def read_lines(
    lines: JsonLines, uses: ParameterUses, certificates: bool, progress: Progress | None
) -> ScanResult:
    """Read a file of JSON Lines, and find what appears in it twice.

    Args:
        lines: The file; it has a path.
        uses: What the template asks of a line.
        certificates: Whether to read CSRs and certificates.
        progress: Is called with the number of bytes read since its last call.

    Raises:
        OSError: the file cannot be read.
    """
    path = lines.path
    assert path is not None  # noqa: S101, the caller has looked
    if path.stat().st_size >= _LARGE:
        # Each process of a parallel reading imports this file, and none needs that module.
        from thing_registration.checks.fast.parallel import read_in_parallel

        result = read_in_parallel(path, uses, lines.source, certificates, progress)
    else:
        with path.open("rb") as file:
            result = Scan(uses, lines.source, certificates).run(file, progress=progress)
    hashes = {name: one for name, one in result.hashes.items() if result.spans.get(name) is None}
    repeated = list(duplicates(path, lines, uses, hashes, result.devices))
    in_order = sorted([*result.first, *repeated], key=lambda problem: problem.line or 0)
    found = Findings()
    found.merge(
        Counter(result.counts) + Counter(problem.rule for problem in repeated),
        (replace(one, line=lines.at(one.line)) if one.line else one for one in in_order),
    )
    for cause, consequences in _causes(found, path, lines.source):
        found = found.without(*consequences)
        found.add_first(cause)
    if lines.header is not None:
        # Its columns are those of each row.
        found = found.without(KEY_UNKNOWN.id, UNUSED_PARAMETER_MISSING.id)
    result.counts, result.first, result.hashes = dict(found.counts), found.first, {}
    return result


def _causes(found: Findings, path: Path, source: str) -> Iterator[tuple[Problem, set[str]]]:
    """Yield what is wrong in one place, and the rules that many lines break for that reason."""
    broken = {LINE_JSON.id, LINE_OBJECT.id}
    if not broken.isdisjoint(found.counts):
        cause = objects_over_lines(path, source)
        if cause is not None:
            yield cause, broken
    predefined = PARAMETER_PREDEFINED.id
    for problem in found.first:
        if problem.rule == predefined:
            yield problem, {predefined}
            return
