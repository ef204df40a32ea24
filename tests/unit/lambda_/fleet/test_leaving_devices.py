"""Which devices of an inventory leave: retired ones, orphans, and all that was made."""

from tests.unit.lambda_.fleet.test_inventory import C1, C2, K1, K2, registered
from thing_registration_worker.fleet.inventory import Index, fold
from thing_registration_worker.fleet.inventory_entry import Entry

KEY_1 = int.from_bytes(bytes.fromhex(K1)[:8], "little")
ORPHAN = Entry("orphan", "a", key=K1, certificate_id=C1, certificate_made=True, at=1)


def index(*entries: Entry) -> Index:
    return fold([[entry.to_line() for entry in entries]])


def made(*entries: Entry, claimed: bool = False) -> list[tuple[str, bool, str]]:
    found = index(*entries).made(claimed)
    return [(entry.thing_name, entry.thing_made, entry.certificate_id) for entry in found]


def test_a_retired_device_is_certified_and_not_registered() -> None:
    found = index(registered(), registered(state="retired"))

    assert list(found.registered()) == []
    known = found.by_key(K1)
    assert known is not None
    assert (known.certificate_id, known.is_retired) == (C1, True)


def test_a_device_that_is_being_retired_is_still_to_leave() -> None:
    found = index(registered(), registered(state="retiring"))

    assert [entry.state for entry in found.registered()] == ["retiring"]
    assert found.count_registered() == 1


def test_a_device_that_returned_is_registered_again() -> None:
    found = index(registered(), registered(state="retired"), registered())

    assert [entry.state for entry in found.registered()] == ["registered"]


def test_an_orphan_leaves_unless_its_key_is_on_a_line() -> None:
    assert list(index(ORPHAN).orphans()) == [ORPHAN]
    assert list(index(ORPHAN).orphans(but={KEY_1})) == []


def test_an_orphan_that_was_registered_or_retired_since_is_none() -> None:
    assert list(index(ORPHAN, registered()).orphans()) == []
    assert list(index(ORPHAN, registered(state="retired")).orphans()) == []


def test_an_orphan_whose_thing_has_another_key_stays_as_it_is() -> None:
    assert list(index(ORPHAN, registered(key=K2, certificate_id=C2)).orphans()) == []


def test_all_that_was_made_is_each_thing_once_and_each_of_its_certificates() -> None:
    again = registered(key=K2, certificate_id=C2)

    assert sorted(made(registered(), again)) == [("a", False, C1), ("a", True, C2)]


def test_what_was_found_is_not_made_unless_it_is_claimed() -> None:
    found = registered(thing_made=False, certificate_made=False)

    assert made(found) == []
    assert made(found, claimed=True) == [("a", True, C1)]


def test_a_thing_that_was_only_looked_up_is_never_claimed() -> None:
    assert made(Entry("found", "a", key=K1, certificate_id=C1), claimed=True) == []


def test_what_was_deleted_is_not_made_any_more() -> None:
    gone = Entry("removed", "a", key=K1, certificate_id=C1)

    assert made(ORPHAN, registered(), gone) == []


def test_a_device_that_was_released_keeps_what_its_key_has() -> None:
    released = index(registered(certificate_made=False), Entry("removed", "a"))

    assert released.by_name("a") is None
    known = released.by_key(K1)
    assert known is not None
    assert known.certificate_id == C1
