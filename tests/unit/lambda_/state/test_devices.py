"""What the state knows of things and of their certificates."""

import hashlib
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection

import pytest

from thing_registration_worker.state import devices, pages, schema
from thing_registration_worker.state.devices import KnownCertificate, Thing
from thing_registration_worker.state.schema import (
    ABSENT,
    DECLARED,
    FOUND,
    LEAVING,
    REGISTERED,
    RETIRED,
    RETURNING,
)

K1, K2, C1, C2 = "a1" * 32, "a2" * 32, "c1" * 32, "c2" * 32
PUMP = Thing(
    id=1,
    name="pump",
    state=REGISTERED,
    resources=b"\1" * 17,
    key=K1,
    certificate_id=C1,
    thing_made=True,
    certificate_made=True,
    at=5,
)


@pytest.fixture
def db() -> Connection:
    return schema.empty()


def count_certificates(db: Connection) -> int:
    """Return how many certificates the state knows."""
    (things,) = db.execute("SELECT count(certificate_id) FROM thing").fetchone()
    (others,) = db.execute("SELECT count(*) FROM certificate").fetchone()
    return int(things + others)


def test_a_thing_is_the_same_after_it_was_written_and_read(db: Connection) -> None:
    devices.put(db, PUMP)
    assert devices.by_name(db, "pump") == PUMP

    devices.put(db, Thing(0, "fan", ABSENT, returned_by="r"))
    assert devices.by_name(db, "fan") == Thing(2, "fan", ABSENT, returned_by="r")
    assert devices.by_name(db, "valve") is None


def test_a_thing_that_keeps_its_key_changes_no_page_of_the_index_of_keys(
    db: Connection, tmp_path: Path
) -> None:
    digests = []
    for state in (DECLARED, FOUND):
        for number in range(2_000):
            # Keys come in no order, as digests do.
            key = hashlib.sha256(b"%d" % number).hexdigest()
            if state == DECLARED or number < 20:
                devices.put(db, Thing(0, f"thing-{number:04}", state, key=key))
        db.execute("COMMIT")
        pages.dump(db, tmp_path / "state.sqlite")
        digests.append(pages.digests(tmp_path / "state.sqlite"))
        db.execute("BEGIN")

    before, after = digests
    changed = sum(one != other for one, other in zip(before, after, strict=True))
    assert 0 < changed <= 3


def test_what_is_written_anew_is_not_retired_any_more(db: Connection) -> None:
    devices.put(db, replace(PUMP, state=RETIRED))
    db.execute("UPDATE thing SET retired_by = 'r'")

    devices.put(db, PUMP)

    assert db.execute("SELECT retired_by FROM thing").fetchone() == (None,)


def test_a_new_certificate_keeps_the_one_of_the_earlier_key(db: Connection) -> None:
    devices.put(db, PUMP)

    devices.put(db, replace(PUMP, key=K2, certificate_id=C2, certificate_made=False, at=6))

    assert devices.by_key(db, K1) == KnownCertificate(C1, K1, "pump", True, REGISTERED)
    assert devices.by_key(db, K2) == KnownCertificate(C2, K2, "pump", False, REGISTERED)
    assert count_certificates(db) == 2


def test_an_earlier_key_that_comes_back_is_again_the_things_own(db: Connection) -> None:
    devices.put(db, PUMP)
    devices.put(db, replace(PUMP, key=K2, certificate_id=C2))

    devices.put(db, PUMP)

    assert devices.by_name(db, "pump") == PUMP
    assert [each.certificate_id for each in devices.certificates_of(db, "pump")] == [C1, C2]
    assert count_certificates(db) == 2


def test_a_certificate_of_which_the_key_is_not_known_is_not_kept_beside_another(
    db: Connection,
) -> None:
    devices.put(db, replace(PUMP, key=""))

    devices.put(db, replace(PUMP, certificate_id=C2))

    assert count_certificates(db) == 1


def test_a_thing_whose_certificate_is_not_known_any_more_keeps_it_beside_it(
    db: Connection,
) -> None:
    devices.put(db, PUMP)

    devices.put(db, replace(PUMP, state=ABSENT, key="", certificate_id="", resources=None))

    found = devices.by_key(db, K1)
    assert found is not None
    assert (found.certificate_id, found.thing) == (C1, "pump")


@pytest.mark.parametrize("state", [DECLARED, ABSENT, FOUND, REGISTERED, LEAVING, RETIRED])
def test_a_key_is_found_whatever_its_thing(db: Connection, state: int) -> None:
    devices.put(db, replace(PUMP, name="old", state=state))

    found = devices.by_key(db, K1)

    assert found == KnownCertificate(C1, K1, "old", True, state)
    assert found.is_retired is (state in (LEAVING, RETIRED))


def test_a_key_that_only_begins_alike_is_another_one(db: Connection) -> None:
    devices.put(db, PUMP)

    assert devices.by_key(db, K1[:-1] + "0") is None
    assert devices.by_key(db, "") is None


def test_a_key_without_a_certificate_has_none(db: Connection) -> None:
    devices.put(db, replace(PUMP, certificate_id=""))

    assert devices.by_key(db, K1) is None


def test_of_two_certificates_of_a_key_the_latest_is_meant(db: Connection) -> None:
    devices.put(db, replace(PUMP, at=7))
    devices.put_certificate(db, KnownCertificate(C2, K1, "fan", True, REGISTERED), at=6)
    first = devices.by_key(db, K1)
    devices.put_certificate(db, KnownCertificate(C2, K1, "fan", True, REGISTERED), at=8)
    second = devices.by_key(db, K1)

    assert first is not None
    assert second is not None
    assert (first.certificate_id, second.certificate_id) == (C1, C2)


def test_a_forgotten_thing_leaves_its_certificates_known(db: Connection) -> None:
    devices.put(db, PUMP)
    devices.put(db, replace(PUMP, key=K2, certificate_id=C2))

    devices.forget(db, "pump")
    devices.forget(db, "never seen")

    assert devices.by_name(db, "pump") is None
    for key in (K1, K2):
        found = devices.by_key(db, key)
        assert found is not None
        assert found.thing == "pump"


def test_a_certificate_that_was_deleted_is_forgotten_wherever_it_stands(db: Connection) -> None:
    devices.put(db, PUMP)
    devices.put(db, replace(PUMP, key=K2, certificate_id=C2))

    devices.forget_certificate(db, "pump", C1)
    devices.forget_certificate(db, "pump", C2)

    assert devices.certificates_of(db, "pump") == []
    assert devices.by_key(db, K1) is devices.by_key(db, K2) is None
    kept = devices.by_name(db, "pump")
    assert kept is not None
    assert (kept.thing_made, kept.certificate_made) == (True, False)


def test_the_certificates_of_a_thing_are_the_latest_and_those_before(db: Connection) -> None:
    devices.put(db, PUMP)
    devices.put(db, replace(PUMP, key=K2, certificate_id=C2))
    devices.put(db, replace(PUMP, name="other", key="a3" * 32, certificate_id="c3" * 32))

    assert [each.certificate_id for each in devices.certificates_of(db, "pump")] == [C2, C1]
    assert devices.certificates_of(db, "nothing") == []


def test_what_was_made_is_each_thing_once_in_order(db: Connection) -> None:
    devices.put(db, replace(PUMP, name="b", key=K2, certificate_id=C2))
    devices.put(db, replace(PUMP, name="b"))
    devices.put(db, replace(PUMP, name="a", certificate_id="", certificate_made=False))
    devices.put(db, Thing(0, "found", REGISTERED, key="a3" * 32, certificate_id="c3" * 32))
    devices.put(db, Thing(0, "seen", FOUND, key="a4" * 32, certificate_id="c4" * 32))
    devices.put_certificate(db, KnownCertificate("c5" * 32, "a5" * 32, "lost", True, REGISTERED), 1)

    assert list(devices.made(db, claimed=False)) == ["a", "b", "lost"]
    assert list(devices.made(db, claimed=True)) == ["a", "b", "found", "lost"]


def test_what_is_in_the_fleet_is_registered_or_not_out_of_it_for_sure(db: Connection) -> None:
    for state in range(7):
        devices.put(db, Thing(0, f"t{state}", state))

    assert devices.count_in_fleet(db) == len({REGISTERED, LEAVING, RETURNING})


def test_a_thing_is_made_where_anything_of_it_is() -> None:
    assert replace(PUMP, thing_made=False).is_made
    assert replace(PUMP, certificate_made=False).is_made
    assert not replace(PUMP, thing_made=False, certificate_made=False).is_made
