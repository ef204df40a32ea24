"""Reads the lines of an input file."""

from __future__ import annotations

from pathlib import Path

from thing_registration.checks.part import Part
from thing_registration.checks.plan import Plan
from thing_registration.checks.scan import Progress, Scan


def read_lines(
    path: Path, plan: Plan, source: str, certificates: bool, progress: Progress | None = None
) -> Part:
    """Read a file of JSON Lines."""
    with path.open("rb") as file:
        return Scan(plan, source, certificates).run(file, progress=progress)
