"""The devices that are to be deregistered: a queue in the state."""

from sqlite3 import Connection
from typing import Any

import pytest

from tests.unit.lambda_.stubs import PROPERTIES
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.fleet.comparison import Comparison
from thing_registration_worker.fleet.departures import find_removed
from thing_registration_worker.fleet.prerequisite_names import NameCollector
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.fleet.template import Template
from thing_registration_worker.removal import leaving_devices
from thing_registration_worker.removal.leaving_devices import Queued, put_off, read
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import devices
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.schema import FOUND, LEAVING, REGISTERED, RETIRED
from thing_registration_worker.step import Step
from thing_registration_worker.version import VERSION


@pytest.fixture
def step(make_step: Any) -> Step:
    made: Step = make_step("Deregister")
    return made


def template(step: Step) -> Template:
    return step.request.declaration.template


def collected(make_step: Any, *, gone: int = 1, unread: int = 0, **options: Any) -> Run:
    """Compare an empty file with a state that has so many devices, and queue what has left."""
    before = options.pop("worker_before", VERSION)
    properties = {**PROPERTIES, "Deregister": "REMOVED_LINES", **options}
    step = make_step(
        "Compare", worker_before=before, event_changes={"ResourceProperties": properties}
    )
    for number in range(gone):
        devices.put(step.db, Thing(0, f"t{number}", REGISTERED, thing_made=True))
    devices.put(step.db, Thing(0, "found", REGISTERED))
    devices.put(step.db, Thing(0, "begun", LEAVING, thing_made=True))
    comparison = Comparison(Resolver(template(step)), step.db, NameCollector(template(step)))
    comparison.end()
    numbers = comparison.line_numbers
    removed = find_removed(step.db, numbers)
    return leaving_devices.collect(step, Run(unread=unread), numbers, removed)


def test_what_is_no_longer_in_the_file_is_queued(make_step: Any) -> None:
    assert collected(make_step).to_deregister == 3


@pytest.mark.parametrize(
    ("options", "logged"),
    [
        ({"Deregister": "NEVER"}, ""),
        ({"unread": 1}, "no device is retired: 1 line of s3://assets/abc.jsonl could not be read"),
        ({"worker_before": "0.0.9"}, "this update brings another version of thing-registration"),
    ],
)
def test_nothing_is_queued_where_it_is_not_to_be_or_not_known_for_sure(
    make_step: Any, options: dict[str, Any], logged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert collected(make_step, **options).to_deregister == 0
    assert logged in capsys.readouterr().out


@pytest.mark.parametrize(("limit", "gone"), [({}, 10), ({"MaxDeregistered": "3"}, 3)])
def test_only_so_many_devices_of_ours_may_leave_at_once(
    make_step: Any, limit: dict[str, Any], gone: int
) -> None:
    assert collected(make_step, gone=gone, **limit).to_deregister == gone + 2

    message = f"{gone + 1} of {gone + 3} registered devices .* at most {gone} may be"
    with pytest.raises(RegistrationError, match=message):
        collected(make_step, gone=gone + 1, **limit)


def test_what_is_claimed_counts_among_ours(make_step: Any) -> None:
    with pytest.raises(RegistrationError, match="4 of 5 registered devices"):
        collected(make_step, gone=3, MaxDeregistered="3", ClaimExisting="true")


@pytest.fixture
def db(step: Step) -> Connection:
    """A state whose queue has five devices."""
    assert leaving_devices.collect_made(step, "abcde") == 5
    return step.db


def names(queued: list[Queued]) -> str:
    return "".join(each.name for each in queued)


def test_the_queue_is_read_piece_by_piece(db: Connection) -> None:
    assert [names(read(db, start, 2)) for start in (0, 2, 4, 5)] == ["ab", "cd", "e", ""]


def test_a_queue_takes_the_place_of_the_one_before(step: Step, db: Connection) -> None:
    leaving_devices.collect_made(step, ["x"])

    assert read(db, 0, 9) == [Queued(0, "x", False)]


def test_a_device_is_queued_once(step: Step) -> None:
    assert leaving_devices.collect_made(step, ["x", "y", "x"]) == 2


@pytest.mark.parametrize(
    ("waiting", "order"), [("", "abcde"), ("a", "bacde"), ("b", "abcde"), ("ab", "abcde")]
)
def test_what_waits_comes_after_what_is_done_of_its_batch(
    db: Connection, waiting: str, order: str
) -> None:
    batch = read(db, 0, 2)

    put_off(db, [each for each in batch if each.name in waiting], batch)

    assert names(read(db, 0, 9)) == order


def test_what_waits_in_the_middle_keeps_what_is_known_of_it(db: Connection) -> None:
    db.execute("UPDATE leaving SET renamed = 1 WHERE name IN ('c', 'd')")
    batch = read(db, 1, 4)
    assert names(batch) == "bcde"

    put_off(db, batch[1:2], batch)

    assert read(db, 0, 9) == [
        Queued(0, "a", False),
        Queued(1, "b", False),
        Queued(2, "d", True),
        Queued(3, "e", False),
        Queued(4, "c", True),
    ]


def test_what_was_made_is_listed_with_or_without_what_is_registered(step: Step) -> None:
    states = {"on": REGISTERED, "off": RETIRED, "going": LEAVING, "seen": FOUND}
    for name, state in states.items():
        devices.put(step.db, Thing(0, name, state, thing_made=True))
    devices.put(step.db, Thing(0, "other", REGISTERED))

    made = leaving_devices.made

    assert made(step.db, claimed=False) == ["going", "off", "on", "seen"]
    assert made(step.db, claimed=True) == ["going", "off", "on", "other", "seen"]
    assert made(step.db, claimed=False, only_retired=True) == ["going", "off"]
