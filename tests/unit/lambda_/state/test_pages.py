"""A database as pages, and the changes between two of its versions."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thing_registration_worker.state import pages
from thing_registration_worker.state.pages import UnreadableState
from thing_registration_worker.state.schema import in_memory

# What is done to a table: how many rows are written from which number on, or deleted.
EDITS = st.lists(
    st.tuples(st.sampled_from(["write", "delete"]), st.integers(0, 400), st.integers(0, 400)),
    max_size=6,
)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    made = database()
    yield made
    made.close()


def database(rows: int = 200) -> sqlite3.Connection:
    made = in_memory()
    made.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, value TEXT)")
    edit(made, "write", 0, rows)
    return made


def edit(db: sqlite3.Connection, what: str, start: int, count: int, value: str = "") -> None:
    numbers = range(start, start + count)
    if what == "delete":
        db.executemany("DELETE FROM t WHERE id = ?", [(number,) for number in numbers])
    else:
        rows = [(number, f"{number} {value} " * 20) for number in numbers]
        db.executemany("INSERT OR REPLACE INTO t VALUES (?, ?)", rows)


def rows(db: sqlite3.Connection) -> list[tuple[int, str]]:
    return db.execute("SELECT id, value FROM t ORDER BY id").fetchall()


def change(db: sqlite3.Connection, base: Path, now: Path) -> bytes:
    """Dump a database and return what has changed in it since a dump."""
    pages.dump(db, now)
    return pages.changes(now, pages.digests(base), pages.digests(now))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(EDITS, min_size=1, max_size=3), is_sparse=st.booleans())
def test_changes_one_after_the_other_make_the_last_version_of_the_first(
    tmp_path: Path, steps: list[list[tuple[str, int, int]]], is_sparse: bool
) -> None:
    db, kept, now = database(), tmp_path / "kept", tmp_path / "now"
    pages.dump(db, kept)
    for number, edits in enumerate(steps):
        for what, start, count in edits:
            edit(db, what, start, count, str(number))
        if is_sparse:
            db.execute("VACUUM")

        pages.apply(kept, change(db, kept, now))

        assert kept.read_bytes() == now.read_bytes()
    assert rows(pages.load(kept)) == rows(db)


def test_a_change_of_one_row_is_much_smaller_than_the_whole(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    edit(db, "write", 0, 2_000)
    pages.dump(db, tmp_path / "base")
    edit(db, "write", 1_000, 1, "new")

    changed = change(db, tmp_path / "base", tmp_path / "now")

    assert len(changed) < (tmp_path / "base").stat().st_size / 50


def test_a_database_that_has_shrunk_shrinks_the_file(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    edit(db, "write", 0, 2_000)
    pages.dump(db, base)
    before = base.stat().st_size
    edit(db, "delete", 10, 1_990)
    db.execute("VACUUM")

    pages.apply(base, change(db, base, tmp_path / "now"))

    assert base.stat().st_size < before / 10
    assert len(rows(pages.load(base))) == 10


@pytest.mark.parametrize(
    "damage",
    [
        lambda changed: b"",
        lambda changed: b"\n",
        lambda changed: changed[:-1],
        lambda changed: changed[: len(changed) // 2],
        lambda changed: changed + b"x",
        lambda changed: changed.partition(b"\n")[0],
        lambda changed: changed.partition(b"\n")[2],
        lambda changed: b"{}\n" + changed.partition(b"\n")[2],
        lambda changed: b"[]\n" + changed.partition(b"\n")[2],
        lambda changed: b"null\n" + changed.partition(b"\n")[2],
        lambda changed: b"SQLite format 3\0" + bytes(4080),
    ],
)
def test_changes_that_are_cut_or_foreign_are_refused_and_leave_the_file_as_it_was(
    db: sqlite3.Connection, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    base = tmp_path / "base"
    pages.dump(db, base)
    before = base.read_bytes()
    edit(db, "write", 10, 1, "new")
    changed = change(db, base, tmp_path / "now")

    with pytest.raises(UnreadableState):
        pages.apply(base, damage(changed))

    assert base.read_bytes() == before


@pytest.mark.parametrize("body", [b"x" * 4096, b"SQLite format 3\0" + b"x" * 8176])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(body)

    with pytest.raises(UnreadableState):
        pages.load(path)


def test_what_is_loaded_can_be_taken_back(db: sqlite3.Connection, tmp_path: Path) -> None:
    pages.dump(db, tmp_path / "base")
    loaded = pages.load(tmp_path / "base")
    edit(loaded, "delete", 0, 200)

    loaded.execute("ROLLBACK")

    assert rows(loaded) == rows(db)


def test_a_file_that_is_there_already_is_written_anew(
    db: sqlite3.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"x" * 100_000)

    pages.dump(db, path)

    assert rows(pages.load(path)) == rows(db)
