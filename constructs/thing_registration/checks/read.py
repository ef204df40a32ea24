"""Reads the lines of an input file: at once, on every core, or from memory of an earlier time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from thing_registration.checks import remembered
from thing_registration.checks.json_lines import JsonLines
from thing_registration.checks.parallel import read_in_parallel
from thing_registration.checks.part import Findings, Part
from thing_registration.checks.plan import Plan
from thing_registration.checks.scan import Progress, Scan
from thing_registration.checks.twice import named_twice
from thing_registration.checks.values import PEM_KINDS

# A file of this size is read in a twentieth of a second by one process, certificates aside;
# starting others takes as long.
_LARGE = 8 * 1024 * 1024


def read_lines(
    path: Path,
    lines: JsonLines,
    plan: Plan,
    body: str,
    certificates: bool,
    progress: Progress | None,
) -> Part:
    """Read a file of JSON Lines, and say what stands in it twice.

    Args:
        path: The file.
        lines: Where it comes from.
        plan: What the template asks of a line.
        body: The template that the plan comes from.
        certificates: Whether to look into CSRs and certificates.
        progress: Is called with the number of bytes read since its last call.
    """
    before = path.stat()
    if before.st_size < _LARGE:
        with path.open("rb") as file:
            part = Scan(plan, lines.source, certificates).run(file, progress=progress)
        return _complete(path, lines, plan, part)
    # Without certificates, reading the file is as fast as telling whether it has changed.
    key = None
    if certificates and plan.parameters_of(*PEM_KINDS):
        key = remembered.key_of(path, body, lines.source)
    part_before = remembered.recall(key) if key else None
    if part_before is not None:
        return part_before
    part = read_in_parallel(path, before.st_size, plan, lines.source, certificates, progress)
    part = _complete(path, lines, plan, part)
    after = path.stat()
    if key and (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns):
        remembered.remember(key, part)
    return part


def _complete(path: Path, lines: JsonLines, plan: Plan, part: Part) -> Part:
    """Add what only the whole file tells, and put the problems where the source has them."""
    repeated = named_twice(path, lines, plan, part)
    in_order = sorted([*part.first, *repeated], key=lambda problem: problem.line or 0)
    found = Findings()
    found.merge(Counter(part.counts) + Counter(problem.rule for problem in repeated), ())
    found.merge(
        {}, (replace(one, line=lines.at(one.line)) if one.line else one for one in in_order)
    )
    part.counts, part.first, part.hashes = dict(found.counts), found.first, {}
    return part
