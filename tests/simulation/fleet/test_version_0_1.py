"""A stack of version 0.1, which kept no inventory, is updated without another certificate."""

import io
import zipfile

import pytest

from tests.simulation.assembly import ASSETS, Assembly
from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.devices import device
from tests.simulation.fleet.sent import NAMES, sent_as_known, sent_files, sent_things
from tests.simulation.fleet.templates import with_site
from tests.simulation.fleet.version_0_1.left_by_0_1 import LeftBy01, code_key
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack
from tests.simulation.waiting import until

pytestmark = pytest.mark.slow

LOOK_UPS = ("DescribeThing", "ListThingPrincipals", "DescribeCertificate", "ListCertificates")


@pytest.fixture
def left(stack: Stack) -> LeftBy01:
    """A stack of version 0.1 that has registered nothing yet."""
    found = LeftBy01(stack)
    found.create()
    return found


@pytest.fixture
def registered(left: LeftBy01) -> LeftBy01:
    """A stack of version 0.1 that has registered its devices; the next update is to today's."""
    left.register(left.stack.devices())
    left.declare_today()
    return left


def look_ups(aws: Aws) -> list[str]:
    """Return what the workers have asked the registry."""
    calls = aws.journal("call")
    ours = [call["api"] for call in calls if ":assumed-role/" in call["caller"]]
    return [api for api in ours if api in LOOK_UPS]


def test_an_unchanged_file_sends_nothing_and_asks_the_registry_nothing(
    aws: Aws, left: LeftBy01, by_hand: ByHand, registry: Registry
) -> None:
    task_id = left.register(left.stack.devices())
    left.declare_today()
    before = registry.certificate_ids()

    assert left.stack.update() == "UPDATE_COMPLETE"
    assert sent_files(by_hand) == []
    assert look_ups(aws) == []
    assert registry.certificate_ids() == before
    told = {"Succeeded": 0, "Failed": 0, "Registered": 3, "Unchanged": 3, "Removed": 0}
    assert left.stack.counts() == told
    assert left.stack.outputs()["TaskId"] == task_id


def test_a_changed_line_goes_with_the_certificate_that_its_device_has(
    left: LeftBy01, by_hand: ByHand, registry: Registry
) -> None:
    devices = left.stack.devices()
    left.register(devices, with_site("lab"))
    before = registry.certificate_ids()
    left.declare_today()
    left.stack.declare_template(with_site("lab"))
    left.stack.declare_devices([{**devices[0], "Site": "roof"}, *devices[1:], device("added")])

    assert left.stack.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=0) == NAMES[:1]
    assert sorted(sent_things(by_hand, after=0)) == [NAMES[0], "added"]
    assert registry.things()[NAMES[0]] == {"site": "roof"}
    assert len(registry.certificates()) == 4
    after = registry.certificate_ids()
    assert {key: after[key] for key in before} == before
    counts = left.stack.counts()
    assert (counts["Registered"], counts["Unchanged"]) == (4, 2)


def test_a_device_that_gets_another_name_keeps_the_certificate_of_its_key(
    registered: LeftBy01, by_hand: ByHand, registry: Registry
) -> None:
    first, *others = registered.stack.devices()
    registered.stack.declare_devices([{**first, "ThingName": "renamed"}, *others])

    assert registered.stack.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=0) == ["renamed"]
    assert len(registry.certificates()) == 3


def test_of_several_registrations_the_certificate_of_the_last_is_used(
    left: LeftBy01, by_hand: ByHand, registry: Registry
) -> None:
    devices = left.stack.devices()
    left.register(devices)
    by_hand.certificates |= {each.certificate_id for each in registry.certificates()}
    left.register(devices)
    left.declare_today()
    left.stack.declare_template(with_site("lab"))

    assert left.stack.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=0) == NAMES
    used = {line["ThingRegistrationCertificateId"] for line in sent_files(by_hand)[0].lines or ()}
    assert used.isdisjoint(by_hand.certificates)
    assert len(registry.certificates()) == 6


@pytest.mark.parametrize("what", ["/RESULTS-", "/input/", "/claim.json", ""])
def test_what_somebody_removed_is_asked_for_and_costs_no_certificate(
    registered: LeftBy01, by_hand: ByHand, registry: Registry, what: str
) -> None:
    before = registry.certificate_ids()
    registered.remove(what)

    assert registered.stack.update() == "UPDATE_COMPLETE"
    assert registry.certificate_ids() == before
    # The task tells which input it read when the claim does not.
    assert sent_as_known(by_hand, after=0) == ([] if what == "/claim.json" else NAMES)
    assert registered.stack.counts()["Registered"] == 3


def test_reports_move_with_the_prefix_and_name_the_certificates(
    aws: Aws, registered: LeftBy01, by_hand: ByHand, registry: Registry
) -> None:
    before = registry.certificate_ids()
    registered.stack.replace(registered.prefix, "Elsewhere/Task/")
    registered.prefix = "Elsewhere/Task/"

    assert registered.stack.update() == "UPDATE_COMPLETE"
    assert registry.certificate_ids() == before
    assert sent_as_known(by_hand, after=0) == NAMES
    assert "ListThingPrincipals" not in look_ups(aws)
    assert len(registered.seeded()) == 3


def test_reports_that_show_no_certificates_leave_them_to_the_look_up(
    aws: Aws, left: LeftBy01, by_hand: ByHand, registry: Registry
) -> None:
    aws.faults(assumptions={"results_omit": ["CertificatePem"]})
    left.register(left.stack.devices())
    aws.faults()
    left.declare_today()
    before = registry.certificate_ids()

    assert left.stack.update() == "UPDATE_COMPLETE"
    assert registry.certificate_ids() == before
    assert sent_as_known(by_hand, after=0) == NAMES


def test_a_certificate_that_the_last_task_made_before_its_line_failed_is_used(
    aws: Aws, left: LeftBy01, by_hand: ByHand, registry: Registry
) -> None:
    aws.faults(lines=[{"line": 2, "message": "no room", "after": "certificate"}])
    left.register(left.stack.devices())
    aws.faults()
    left.declare_today()
    made = registry.certificate_ids()
    assert len(made) == 3

    assert left.stack.update() == "UPDATE_COMPLETE"
    assert registry.certificate_ids() == made
    assert sent_as_known(by_hand, after=0) == [NAMES[1]]
    assert left.stack.counts()["Unchanged"] == 2


def test_a_task_that_still_runs_is_stopped_and_what_it_did_is_kept(
    aws: Aws, left: LeftBy01, registry: Registry
) -> None:
    aws.faults(task={"ends": "hangs", "after_lines": 1, "next": 1})
    left.start(left.stack.devices())
    until("the first certificate", registry.certificate_ids, len)
    made = registry.certificate_ids()
    left.declare_today()

    assert left.stack.update() == "UPDATE_COMPLETE"
    after = registry.certificate_ids()
    assert {key: after[key] for key in made} == made
    assert len(after) == len(registry.certificates()) == 3


@pytest.mark.parametrize("what", ["dies_before", "dies_after"])
@pytest.mark.parametrize("times", [1, 5])
def test_a_worker_that_dies_in_the_middle_of_the_seeding_goes_on_or_begins_again(
    aws: Aws,
    assembly: Assembly,
    left: LeftBy01,
    by_hand: ByHand,
    registry: Registry,
    what: str,
    times: int,
) -> None:
    devices = [*left.stack.devices(), *(device(f"more-{number}") for number in range(12))]
    left.register(devices)
    before = registry.certificate_ids()
    left.declare_today()
    left.stack.declare_devices(devices)
    seed_line_by_line(aws, assembly, left.stack)
    left.stack.begin_update()
    until("some of the seed", left.seeded, lambda entries: len(entries) > 2)
    aws.faults(lambdas=[{"payload": {"step": "Recover"}, "what": what, "next": times}])
    status = left.stack.end()
    aws.faults()
    if times > 1:
        assert status == "UPDATE_ROLLBACK_COMPLETE"
        assert left.seeded()
        left.stack.declare(MaxFailures="1")
        status = left.stack.update()

    assert status == "UPDATE_COMPLETE"
    assert sent_files(by_hand) == []
    assert registry.certificate_ids() == before
    assert left.stack.counts()["Unchanged"] == 15
    assert len(left.seeded()) == 2 * 15


def seed_line_by_line(aws: Aws, assembly: Assembly, stack: Stack) -> None:
    """Let each call of the worker seed one line, so that there is a middle."""
    key, pieces = code_key(stack), io.BytesIO()
    code = zipfile.ZipFile(io.BytesIO(assembly.assets[key]))
    with zipfile.ZipFile(pieces, "w") as changed:
        for name in code.namelist():
            text = code.read(name).decode()
            if name == "seeded_inventory.py":
                text = replaced(text, "PART_LINES = 10_000", "PART_LINES = 1")
                text = replaced(text, "end = time.time() + LOOK_UP_CALL_BUDGET", "end = 0")
            changed.writestr(name, text)
    aws.client("s3").put_object(Bucket=ASSETS, Key=key, Body=pieces.getvalue())


def replaced(text: str, old: str, new: str) -> str:
    """Return the text with one replacement, which must be possible."""
    assert old in text
    return text.replace(old, new)
