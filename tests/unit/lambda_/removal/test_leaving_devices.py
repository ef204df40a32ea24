"""The queue of devices that leave, and how many may leave at once."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.fleet.signed import csrs
from tests.unit.lambda_.steps.test_look_up import TEMPLATE
from tests.unit.lambda_.stubs import PROPERTIES, REQUEST_ID
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.public_keys import key_of_csr
from thing_registration_worker.removal.leaving_devices import collect_all, read
from thing_registration_worker.run.progress import Run
from thing_registration_worker.step import Outcome
from thing_registration_worker.steps.compare import compare

CSRS = csrs(2)
IDS = ("a" * 64, "b" * 64)
Compare = Callable[..., Outcome]


def entry(name: str, key: int | None = None, **changes: Any) -> Entry:
    """A device that this resource has made, with the certificate of one of the keys."""
    certified = {} if key is None else {"key": key_of_csr(CSRS[key]), "certificate_id": IDS[key]}
    made = {"thing_made": True, "certificate_made": key is not None, "at": 1}
    return Entry(**{"state": "registered", "thing_name": name, **certified, **made, **changes})


def line(name: str, key: int) -> dict[str, str]:
    return {"Name": name, "CSR": CSRS[key]}


@pytest.fixture
def run_compare(make_step: Any, claims: ClaimObjects) -> Compare:
    """Compares a file with an inventory; by default what leaves the file is retired."""

    def run(
        lines: list[dict[str, str] | bytes], inventory: list[Entry], **properties: str
    ) -> Outcome:
        texts = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines]
        body = b"".join(text + b"\n" for text in texts)
        claims.place(f"stack/fleet/work/{REQUEST_ID}/file.jsonl", body)
        entries = b"".join(each.to_line() for each in inventory)
        claims.place("stack/fleet/inventory/0/000000.jsonl", entries)
        declared = {"Deregister": "REMOVED_LINES", "TemplateBody": json.dumps(TEMPLATE)}
        changes = {"ResourceProperties": {**PROPERTIES, **declared, **properties}}
        return compare(make_step("Compare", run=Run(), event_changes=changes))

    return run


@pytest.fixture
def queue(make_step: Any) -> Callable[[], list[tuple[str, bool]]]:
    """Returns who is in the queue, and whether another line has the key."""

    def read_queue() -> list[tuple[str, bool]]:
        devices = read(make_step("Deregister"), 0)
        return [(each.entry.thing_name, each.in_use) for device in devices for each in device]

    return read_queue


def sent(claims: ClaimObjects) -> dict[str, Any]:
    """The only line that is sent."""
    found: dict[str, Any] = json.loads(
        claims.bodies[f"stack/fleet/work/{REQUEST_ID}/parts/00000.jsonl"]
    )
    return found


def test_what_is_no_longer_in_the_file_is_queued(
    run_compare: Compare, queue: Callable[[], list[tuple[str, bool]]]
) -> None:
    inventory = [entry("kept", 0), entry("gone"), entry("begun", state="retiring")]
    inventory += [entry("done", state="retired"), entry("seen", state="found")]

    outcome = run_compare([line("kept", 0)], inventory)

    assert queue() == [("gone", False), ("begun", False)]
    assert outcome.progress.run.to_deregister == 2


def test_nothing_is_queued_where_nothing_is_to_be_retired(
    run_compare: Compare, queue: Callable[[], list[tuple[str, bool]]]
) -> None:
    outcome = run_compare([line("kept", 0)], [entry("gone")], Deregister="NEVER")

    assert (queue(), outcome.progress.run.to_deregister) == ([], 0)


DAMAGED: list[dict[str, str] | bytes] = [
    {"Name": "damaged", "CSR": CSRS[1][:80]},
    {"Name": "damaged"},
    b"damaged",
    {"Name": "damaged device", "CSR": CSRS[1]},
]


@pytest.mark.parametrize("damaged", DAMAGED)
def test_nothing_is_queued_while_a_line_of_the_file_cannot_be_read(
    run_compare: Compare,
    queue: Callable[[], list[tuple[str, bool]]],
    damaged: dict[str, str] | bytes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    inventory = [entry("kept", 0), entry("damaged", 1), entry("gone")]
    inventory += [entry("found", thing_made=False), entry("begun", state="retiring")]
    inventory.append(entry("failed", key=1, state="orphan", thing_made=False))
    tolerant = {"MaxFailures": "1", "MaxDeregistered": "0"}

    outcome = run_compare([line("kept", 0), damaged], inventory, **tolerant)

    assert (queue(), outcome.progress.run.to_deregister) == ([], 0)
    assert outcome.progress.run.unread == 1
    assert "no device is retired: 1 line of s3://assets/abc.jsonl could not" in (
        capsys.readouterr().out
    )


def test_what_left_is_queued_by_the_next_run_that_reads_every_line(
    run_compare: Compare, queue: Callable[[], list[tuple[str, bool]]]
) -> None:
    inventory = [entry("kept", 0), entry("damaged", 1), entry("gone")]
    run_compare([line("kept", 0), b"damaged"], inventory, MaxFailures="1")

    run_compare([line("kept", 0), line("damaged", 1)], inventory)

    assert queue() == [("gone", False)]


def test_a_device_whose_line_cannot_be_read_has_not_left_as_far_as_its_name_is_known(
    run_compare: Compare,
) -> None:
    inventory = [entry("kept", 0), entry("damaged", 1), entry("gone")]

    removed = [
        run_compare([line("kept", 0), damaged], inventory, MaxFailures="1").progress.run.removed
        for damaged in DAMAGED
    ]

    assert removed == [1, 1, 2, 2]


def test_a_device_under_another_name_is_in_use(
    run_compare: Compare, queue: Callable[[], list[tuple[str, bool]]]
) -> None:
    run_compare([line("new", 0)], [entry("old", 0)], MaxDeregistered="0")

    assert queue() == [("old", True)]


def test_a_certificate_whose_line_failed_and_left_is_queued(
    run_compare: Compare, queue: Callable[[], list[tuple[str, bool]]]
) -> None:
    orphan = entry("failed", 1, state="orphan", thing_made=False)

    run_compare([line("kept", 0)], [orphan], MaxDeregistered="0")

    assert queue() == [("failed", False)]


@pytest.mark.parametrize(
    ("registered", "gone", "allowed"), [(20, 11, 10), (12, 11, 10), (300, 31, 30), (109, 11, 10)]
)
def test_by_default_10_devices_or_10_percent_may_be_retired(
    run_compare: Compare, registered: int, gone: int, allowed: int
) -> None:
    inventory = [entry("kept", 0), *(entry(f"gone-{number}") for number in range(gone))]
    # What was found is registered, and never counts as retired.
    found = range(registered - len(inventory))
    inventory += [entry(f"found-{number}", thing_made=False) for number in found]
    kept = [line("kept", 0)]

    with pytest.raises(
        RegistrationError, match=rf"{gone} of {registered} registered .* most {allowed} may"
    ):
        run_compare(kept, inventory)
    assert run_compare(kept, inventory, MaxDeregistered=str(gone)).next_step == "Provide"


@pytest.mark.parametrize("claimed", [False, True])
def test_what_was_found_counts_only_where_it_is_claimed(
    run_compare: Compare, claimed: bool
) -> None:
    inventory = [entry("kept", 0), entry("found", thing_made=False)]
    chosen = {"MaxDeregistered": "0", "ClaimExisting": str(claimed).lower()}

    if claimed:
        with pytest.raises(RegistrationError, match="1 of 2 registered devices are no longer"):
            run_compare([line("kept", 0)], inventory, **chosen)
    else:
        assert run_compare([line("kept", 0)], inventory, **chosen).progress.run.to_deregister == 1


@pytest.mark.parametrize("deregister", ["NEVER", "REMOVED_LINES"])
def test_a_line_that_returns_knows_its_certificate_and_that_we_retired_it(
    run_compare: Compare, claims: ClaimObjects, deregister: str
) -> None:
    run_compare([line("back", 0)], [entry("back", 0, state="retired")], Deregister=deregister)

    found = sent(claims)
    assert (found["certificate_id"], found["certificate_made"]) == (IDS[0], True)
    assert found["is_retired"] is (deregister != "NEVER")


def test_a_certificate_that_we_made_for_a_key_is_ours_under_any_name(
    run_compare: Compare, claims: ClaimObjects
) -> None:
    run_compare([line("new", 0)], [entry("old", 0)])

    found = sent(claims)
    assert (found["certificate_id"], found["certificate_made"]) == (IDS[0], True)
    assert found["thing_made"] is False


def test_all_entries_of_a_thing_are_one_device_the_latest_first(
    make_step: Any, claims: ClaimObjects
) -> None:
    inventory = [entry("b"), entry("a", 0, at=1), entry("a", 1, at=2)]
    claims.place("stack/fleet/inventory/0/0.jsonl", b"".join(each.to_line() for each in inventory))
    step = make_step("Deregister", "Delete")

    total = collect_all(step)

    devices = [[each.entry.certificate_id for each in device] for device in read(step, 0)]
    assert (total, devices) == (2, [[IDS[1], IDS[0]], [""]])
    assert read(step, 1) == read(step, 0)[1:]


def test_a_long_queue_is_in_several_pieces(
    make_step: Any, claims: ClaimObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thing_registration_worker.removal.leaving_devices.PIECE_DEVICES", 2)
    body = b"".join(entry(name).to_line() for name in "abc")
    claims.place("stack/fleet/inventory/0/0.jsonl", body)
    step = make_step("Deregister", "Delete")

    assert collect_all(step) == 3
    assert [len(read(step, position)) for position in range(3)] == [2, 1, 1]
