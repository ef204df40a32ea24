"""The state in the bucket: a base and the changes since."""

from collections.abc import Callable
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest

from tests.unit.lambda_.memory_s3 import BUCKET, MemoryS3
from thing_registration_worker.state import pages
from thing_registration_worker.state.head import StateObject, StoredState
from thing_registration_worker.state.object_keys import ObjectKeys
from thing_registration_worker.state.pages import UnreadableState
from thing_registration_worker.state.stored import Place, StateFile, download

PLACE = Place(BUCKET, ObjectKeys("p/"))


class Bucket:
    """A state file and the bucket that it is saved in."""

    def __init__(self) -> None:
        self.s3: Any = MemoryS3()
        self.file = StateFile()
        self.stored: StoredState | None = None
        self.number = 0

    def open(self) -> Connection:
        return self.file.open(self.s3, PLACE, self.stored)

    def save(self, *, fold: bool = False) -> StoredState:
        self.number += 1
        self.stored = self.file.save(self.s3, f"token{self.number}", self.number, fold=fold)
        assert self.stored is not None
        return self.stored

    def add(self, first: int, count: int) -> None:
        rows = [(f"thing-{number}", bytes(17)) for number in range(first, first + count)]
        self.open().executemany("INSERT INTO thing (name, state, resources) VALUES (?, 3, ?)", rows)


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def large() -> Bucket:
    """A bucket whose base has many pages."""
    made = Bucket()
    made.add(0, 5_000)
    made.save()
    return made


def names(db: Connection) -> int:
    (count,) = db.execute("SELECT count(*) FROM thing").fetchone()
    return int(count)


def test_the_first_save_is_a_base(bucket: Bucket) -> None:
    bucket.add(0, 10)

    stored = bucket.save()

    assert stored.base.key == "p/states/00000001-token1.sqlite"
    assert stored.base.size == len(bucket.s3.bodies[stored.base.key])
    assert stored.changes == ()


def test_small_changes_are_kept_beside_the_base(large: Bucket) -> None:
    base = large.stored
    assert base is not None
    for number in range(3):
        large.add(6_000 + number, 1)
        stored = large.save()

    assert stored.base == base.base
    assert [each.key for each in stored.changes] == [
        f"p/states/{number:08}-token{number}.changes" for number in (2, 3, 4)
    ]
    assert sum(each.size for each in stored.changes) < stored.base.size / 4
    assert names(StateFile().open(large.s3, PLACE, stored)) == 5_003


def test_changes_are_folded_when_they_are_larger_than_the_base(large: Bucket) -> None:
    before = large.stored
    assert before is not None
    sizes = []
    # The names are spread over all pages.
    for number in range(40):
        where = (number, f"{number:016x}" * 4)
        large.open().execute("UPDATE thing SET retired_by = ?2 WHERE id % 40 = ?1", where)
        stored = large.save()
        sizes.append(sum(each.size for each in stored.changes))
        if stored.base != before.base:
            break

    assert stored.base.key.endswith(".sqlite")
    assert stored.changes == ()
    assert before.base.size / 2 < sizes[-2] <= before.base.size
    assert names(StateFile().open(large.s3, PLACE, stored)) == 5_000


def test_changes_are_folded_when_they_are_very_many(
    large: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thing_registration_worker.state.stored._MOST_CHANGES", 3)
    counts = []
    for number in range(5):
        large.add(6_000 + number, 1)
        counts.append(len(large.save().changes))

    assert counts == [1, 2, 3, 0, 1]


def test_a_call_that_changed_nothing_writes_nothing(large: Bucket) -> None:
    written = list(large.s3.writes)
    before = large.stored

    assert large.save() == before
    large.open().execute("UPDATE thing SET state = 3 WHERE id = 1")
    assert large.save() == before
    assert large.save(fold=True) == before
    assert large.s3.writes == written


def test_a_fold_of_a_base_with_changes_is_a_base(large: Bucket) -> None:
    large.add(6_000, 1)
    large.save()

    stored = large.save(fold=True)

    assert (stored.base.key, stored.changes) == ("p/states/00000003-token3.sqlite", ())
    assert names(StateFile().open(large.s3, PLACE, stored)) == 5_001


def test_a_fold_of_a_state_that_has_shrunk_is_small(large: Bucket) -> None:
    before = large.stored
    assert before is not None
    large.open().execute("DELETE FROM thing WHERE id > 10")

    stored = large.save(fold=True)

    assert stored.base.size < before.base.size / 4
    assert names(large.open()) == names(StateFile().open(large.s3, PLACE, stored)) == 10


def test_what_is_written_after_a_fold_are_its_changes(large: Bucket) -> None:
    large.add(6_000, 1)
    large.save(fold=True)
    large.add(7_000, 1)

    stored = large.save()

    assert len(stored.changes) == 1
    assert names(StateFile().open(large.s3, PLACE, stored)) == 5_002


def test_a_cold_worker_goes_on_with_changes(large: Bucket) -> None:
    for number in range(3):
        large.file = StateFile()
        large.add(6_000 + number, 1)
        large.save()

    assert large.stored is not None
    assert len(large.stored.changes) == 3
    assert names(StateFile().open(large.s3, PLACE, large.stored)) == 5_003


def test_a_warm_worker_reads_nothing(large: Bucket) -> None:
    large.s3.reads.clear()

    assert names(large.open()) == 5_000
    assert large.s3.reads == []


@pytest.mark.parametrize("change", [{"bucket": "other"}, {"keys": ObjectKeys("q/")}])
def test_the_state_of_another_place_is_another_one(bucket: Bucket, change: dict[str, Any]) -> None:
    bucket.add(0, 10)

    other = Place(**{"bucket": PLACE.bucket, "keys": PLACE.keys, **change})

    assert names(bucket.file.open(bucket.s3, other, None)) == 0


def test_a_state_that_somebody_else_has_changed_is_read_again(large: Bucket) -> None:
    other = Bucket()
    other.s3, other.stored, other.number = large.s3, large.stored, 10
    other.add(6_000, 1)

    large.stored = other.save()

    assert names(large.open()) == 5_001


def test_what_was_not_committed_can_be_forgotten(large: Bucket) -> None:
    large.add(6_000, 1)
    large.file.roll_back()

    assert names(large.open()) == 5_000
    large.add(7_000, 1)
    large.save()
    assert names(StateFile().open(large.s3, PLACE, large.stored)) == 5_001


def test_what_is_closed_is_read_again_without_what_was_saved_in_vain(large: Bucket) -> None:
    before = large.stored
    large.add(6_000, 1)
    large.save()

    # The head was not written: what was saved does not count.
    large.file.close()
    large.stored = before

    assert names(large.open()) == 5_000


def test_a_file_that_is_not_open_has_nothing_to_forget() -> None:
    file = StateFile()

    file.roll_back()
    file.close()


def test_a_state_that_is_too_large_for_one_write_is_uploaded(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thing_registration_worker.aws.s3.STREAMED.multipart_chunksize", 1)
    bucket.add(0, 10)

    assert names(StateFile().open(bucket.s3, PLACE, bucket.save())) == 10


def cut(s3: MemoryS3, key: str) -> None:
    s3.place(key, s3.bodies[key][:-1])


def spoil(s3: MemoryS3, key: str) -> None:
    s3.place(key, b"x" * len(s3.bodies[key]))


@pytest.mark.parametrize("damage", [MemoryS3.remove, cut])
@pytest.mark.parametrize("kind", ["sqlite", "changes"])
def test_an_object_that_is_cut_or_gone_is_named(
    large: Bucket, damage: Callable[[MemoryS3, str], object], kind: str
) -> None:
    large.add(6_000, 1)
    stored = large.save()
    key = (stored.base if kind == "sqlite" else stored.changes[0]).key
    damage(large.s3, key)

    with pytest.raises(UnreadableState, match=f"s3://fleet/{key}"):
        StateFile().open(large.s3, PLACE, stored)


def test_changes_that_are_something_else_are_named(large: Bucket) -> None:
    large.add(6_000, 1)
    stored = large.save()
    spoil(large.s3, stored.changes[0].key)

    with pytest.raises(UnreadableState, match=stored.changes[0].key):
        StateFile().open(large.s3, PLACE, stored)


def test_a_base_that_is_something_else_cannot_be_read(large: Bucket) -> None:
    assert large.stored is not None
    spoil(large.s3, large.stored.base.key)

    with pytest.raises(UnreadableState):
        StateFile().open(large.s3, PLACE, large.stored)


def test_a_state_that_cannot_be_read_leaves_room_for_a_new_one(bucket: Bucket) -> None:
    bucket.stored = StoredState(StateObject("p/states/gone.sqlite", 1))
    with pytest.raises(UnreadableState):
        bucket.open()

    bucket.stored = None

    assert names(bucket.open()) == 0


def test_a_download_is_a_file_that_any_sqlite_opens_and_says_what_it_reads(
    large: Bucket, tmp_path: Path
) -> None:
    large.add(6_000, 1)
    stored, told = large.save(), list[str]()

    download(large.s3, BUCKET, stored, tmp_path / "state.sqlite", told.append)

    assert told == [stored.base.key, stored.changes[0].key]
    assert names(pages.load(tmp_path / "state.sqlite")) == 5_001
