"""Reads the lines of an input file, a small one at once, a large one on every core."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from thing_registration.checks.fast.scan import Progress, Scan
from thing_registration.checks.fast.scan_result import ScanResult
from thing_registration.checks.findings import Findings
from thing_registration.checks.lines.duplicates import duplicates
from thing_registration.checks.lines.json_lines import JsonLines
from thing_registration.checks.parameter_uses import ParameterUses

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
    result.counts, result.first, result.hashes = dict(found.counts), found.first, {}
    return result
