"""The rooms of the local AWS import one another in one direction, and nothing else of ours."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

LOCAL = Path(__file__).parents[2] / "local"
# A room, and the rooms that it may import.
MAY_IMPORT = {
    "journal": set(),
    "faults": set(),
    "ministack": set(),
    "iot": {"faults", "journal", "ministack"},
    "patches": {"faults", "journal", "ministack", "iot"},
    "server": {"faults", "journal", "ministack", "iot", "patches"},
    "simulation": {"faults", "iot", "ministack", "patches", "server"},
    "aws": {"server.options"},
    "__main__": {"server"},
    "__init__": {"aws"},
}


def imports(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    return set(names)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    files = [*LOCAL.glob(f"{room}/*.py"), *LOCAL.glob(f"{room}.py")]
    for file in files:
        for name in imports(file):
            top, _, rest = name.partition(".")
            assert top not in ("thing_registration", "tools", "tests", "aws_cdk"), file
            if top != "local" or rest.split(".")[0] == room:
                continue
            allowed = MAY_IMPORT[room]
            assert rest in allowed or rest.split(".")[0] in allowed, f"{file}: {name}"


def test_every_room_has_its_place_in_the_order() -> None:
    rooms = {path.stem for path in LOCAL.iterdir() if path.suffix == ".py" or path.is_dir()}

    assert rooms - {"__pycache__"} == set(MAY_IMPORT)


# What the whole does in virtual time.
OF_THE_WHOLE = {"test_cloudformation.py", "test_events.py", "test_history_limit.py"}


def test_every_test_stands_where_its_subject_stands() -> None:
    tests = Path(__file__).parent
    for test in tests.glob("*/test_*.py"):
        if test.parent.name == "simulation" and test.name in OF_THE_WHOLE:
            continue
        subject = LOCAL / test.parent.name / f"{test.stem.removeprefix('test_')}.py"
        assert subject.exists(), f"{test} has no subject"
