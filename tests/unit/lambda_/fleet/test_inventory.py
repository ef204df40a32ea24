"""What the parts of an inventory say together."""

import hashlib
import json
import random
from dataclasses import replace
from typing import Any

import pytest

from thing_registration_worker.fleet.inventory import Index, Shard, fold
from thing_registration_worker.fleet.inventory_entry import Entry, InvalidEntry

HASH = "1:" + "0f" * 16
K1, K2, C1, C2 = ("a1" * 32, "a2" * 32, "c1" * 32, "c2" * 32)


def registered(name: str = "a", key: str = K1, certificate_id: str = C1, **rest: Any) -> Entry:
    entry = Entry("registered", name, HASH, key, certificate_id, True, True, 1_764_000_000)
    return replace(entry, **rest)


def folded(*entries: Entry) -> Index:
    return fold([[entry.to_line()] for entry in entries])


def digits(what: str, number: int) -> str:
    return hashlib.sha256(f"{what} {number}".encode()).hexdigest()


def names(index: Index) -> list[str]:
    return [entry.thing_name for entry in index.registered()]


@pytest.mark.parametrize(
    "entry",
    [
        registered(),
        registered("größe:1", thing_made=False),
        registered(resources_hash="", certificate_made=False),
        Entry("absent", "a"),
        Entry("found", "a", key=K1, certificate_id=C1, at=5),
        Entry("orphan", "a", key=K1, certificate_id=C1),
    ],
)
def test_an_entry_is_the_same_after_it_was_written_and_read(entry: Entry) -> None:
    assert Entry.from_line(entry.to_line()) == entry
    if entry.state != "orphan":
        assert folded(entry).by_name(entry.thing_name) == entry


def test_an_entry_is_a_line_of_json_in_which_nothing_stands_that_is_empty() -> None:
    line = Entry("absent", "a", at=7).to_line()

    assert json.loads(line) == {"version": 1, "state": "absent", "thingName": "a", "at": 7}
    assert line.endswith(b"}\n")


@pytest.mark.parametrize(
    "line",
    [
        b"x",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"version": "1", "state": "absent", "thingName": "a"}',
        b'{"version": 1, "state": "odd", "thingName": "a"}',
        b'{"version": 1, "state": "absent", "thingName": ""}',
        b'{"version": 1, "state": "absent", "thingName": "a", "publicKey": "a1"}',
        b'{"version": 1, "state": "absent", "thingName": "a", "resourcesHash": "1:"}',
        b'{"version": 1, "state": "absent", "thingName": "a", "at": -1}',
    ],
)
def test_what_is_no_entry_is_refused(line: bytes) -> None:
    with pytest.raises(InvalidEntry, match="must be an entry"):
        fold([[line]])


def test_an_inventory_of_a_later_version_is_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidEntry, match="deploy with the version of the library that wrote it"):
        fold([[b'{"version": 2, "state": "new in 2"}']])


def test_later_entries_win_by_thing_name() -> None:
    index = folded(registered(), registered("b", K2, C2), registered(resources_hash=""))

    assert index.by_name("a") == registered(resources_hash="")
    assert index.by_name("b") == registered("b", K2, C2)
    assert index.by_name("c") is None
    assert sorted(names(index)) == ["a", "b"]


def test_a_key_is_known_by_the_certificate_that_it_had_whatever_its_thing_has_now() -> None:
    index = folded(registered(), registered(key=K2, certificate_id=C2))

    assert index.by_name("a") == registered(key=K2, certificate_id=C2)
    assert index.by_key(K1) == registered()
    assert names(index) == ["a"]


def test_a_thing_that_is_gone_leaves_its_key_known() -> None:
    index = folded(registered(), Entry("absent", "a"))

    assert index.by_key(K1) == registered()
    assert names(index) == []


def test_an_orphan_is_known_by_its_key_and_leaves_its_thing_as_it_was() -> None:
    index = folded(registered(), Entry("orphan", "a", key=K2, certificate_id=C2))

    assert index.by_name("a") == registered()
    assert index.by_key(K2) == Entry("orphan", "a", key=K2, certificate_id=C2)


def test_a_removed_thing_is_forgotten_and_its_certificate_if_that_was_deleted() -> None:
    kept = folded(registered(), Entry("removed", "a"))
    deleted = folded(registered(), Entry("removed", "a", key=K1, certificate_id=C1))
    other = folded(registered(), Entry("removed", "a", key=K1, certificate_id=C2))

    for index in (kept, deleted, other):
        assert index.by_name("a") is None
        assert names(index) == []
    assert kept.by_key(K1) == registered() == other.by_key(K1)
    assert deleted.by_key(K1) is None


def test_a_thing_that_was_removed_can_be_registered_again() -> None:
    removed = Entry("removed", "a", key=K1, certificate_id=C1)
    index = folded(registered(), removed, registered(key=K2, certificate_id=C2))

    assert index.by_name("a") == registered(key=K2, certificate_id=C2)
    assert names(index) == ["a"]
    assert index.by_key(K1) is None


def test_two_things_with_two_certificates_of_one_key_keep_their_own() -> None:
    index = folded(registered(), registered("b", K1, C2))

    assert index.by_name("a") == registered()
    assert index.by_name("b") == registered("b", K1, C2)
    assert index.by_key(K1) == registered("b", K1, C2)


def test_blank_lines_and_empty_parts_say_nothing() -> None:
    assert list(fold([[], [b"\n", registered().to_line(), b""]]).registered()) == [registered()]


def test_random_histories_fold_to_what_a_dict_says() -> None:
    numbers = random.Random(9)
    index = Index()
    things: dict[str, Entry] = {}
    keys: dict[str, Entry] = {}
    for _ in range(6_000):
        name = f"thing-{numbers.randrange(900)}"
        number = numbers.randrange(1_500)
        key, certificate_id = digits("key", number), digits("certificate", number)
        entry = Entry("registered", name, HASH, key, certificate_id, at=numbers.randrange(99))
        if numbers.random() < 0.2:
            entry = replace(entry, state="orphan")
        if numbers.random() < 0.1:
            entry = Entry("removed", name)
        index.add(entry)
        if entry.state == "removed":
            things.pop(name, None)
        else:
            keys[key] = entry
            if entry.state != "orphan":
                things[name] = entry

    assert {entry.thing_name: entry for entry in index.registered()} == things
    for name, entry in things.items():
        assert index.by_name(name) == entry
    for key, entry in keys.items():
        found = index.by_key(key)
        assert found is not None
        assert (found.key, found.certificate_id) == (key, entry.certificate_id)


def test_shards_hold_together_what_the_whole_holds() -> None:
    entries = [registered(f"t{i}", digits("key", i), digits("id", i)) for i in range(300)]
    shards = [fold([[e.to_line() for e in entries]], Shard(number, 3)) for number in range(3)]

    held = [list(shard.registered()) for shard in shards]
    assert {entry for part in held for entry in part} == set(entries)
    assert all(50 < len(part) < 150 for part in held)
    for entry in entries:
        assert sum(shard.by_name(entry.thing_name) is not None for shard in shards) == 1
        assert sum(shard.by_key(entry.key) is not None for shard in shards) == 1
