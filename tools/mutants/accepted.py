"""The list of survivors that are accepted, each under its reason: `accepted.txt`.

A line is `FILE: BEFORE -> AFTER`; `*` in the place of AFTER stands for every change of the line.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.mutants.mutations import Mutant

LIST = Path(__file__).with_name("accepted.txt")


def read(path: Path = LIST) -> set[str]:
    """Return the lines of the list without its reasons."""
    lines = map(str.strip, path.read_text(encoding="utf-8").splitlines())
    return {line for line in lines if line and not line.startswith("#")}


def entries(mutant: Mutant) -> set[str]:
    """Return the lines that accept a mutant."""
    return {f"{mutant.path}: {mutant.change}", f"{mutant.path}: {mutant.before} -> *"}


def stale(accepted: Iterable[str], root: Path) -> list[str]:
    """Return the lines of the list that are about no line of the code."""
    return sorted(line for line in set(accepted) if not _is_in_the_code(line, root))


def _is_in_the_code(entry: str, root: Path) -> bool:
    path, _, change = entry.partition(": ")
    before = change.rpartition(" -> ")[0]
    if not before or not (root / path).is_file():
        return False
    lines = (root / path).read_text(encoding="utf-8").splitlines()
    return f" {before} " in f" {' '.join(line.strip() for line in lines)} "


def unused(accepted: Iterable[str], survivors: Iterable[Mutant], paths: Iterable[str]) -> list[str]:
    """Return the lines of the list about these files that no survivor needs any more."""
    used = {entry for mutant in survivors for entry in entries(mutant)}
    ran = set(paths)
    return sorted(line for line in set(accepted) - used if line.partition(": ")[0] in ran)
