"""How a deployment goes about devices that left, as far as the properties say it."""

from __future__ import annotations

import pytest

from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.resolved_values import References, Text
from thing_registration.deployed.stack_tasks import StackTask, chosen, tasks_of
from thing_registration.planning.settings import Settings
from thing_registration.planning.shard_result import Removed


def test_a_device_whose_key_a_line_has_goes_on_under_another_name() -> None:
    settings = Settings.of(task(Deregister="REMOVED_LINES"))

    assert settings.becomes(Removed("a", is_made=True, is_renamed=True)) == "renamed"


def task(**properties: str) -> StackTask:
    return StackTask("S", "Fleet1", "S/Fleet", {n: Text(v) for n, v in properties.items()})


@pytest.mark.parametrize(
    ("deregister", "claims", "is_made", "becomes"),
    [
        ("NEVER", "true", True, "registered"),
        ("REMOVED_LINES", "false", True, "retired"),
        ("REMOVED_LINES", "false", False, "released"),
        ("ALL", "true", False, "retired"),
    ],
)
def test_what_becomes_of_a_device_that_left(
    deregister: str, claims: str, is_made: bool, becomes: str
) -> None:
    settings = Settings.of(task(Deregister=deregister, ClaimExisting=claims))

    assert settings.becomes(Removed("a", is_made)) == becomes


@pytest.mark.parametrize(
    ("allowed", "registered", "most"),
    [("", 50, 10), ("", 500, 50), ("3", 500, 3), ("0", 500, 0)],
)
def test_how_many_may_be_retired_at_once(allowed: str, registered: int, most: int) -> None:
    assert Settings.of(task(MaxDeregistered=allowed)).most_retired(registered) == most


def test_properties_that_an_older_version_does_not_have_are_never_and_assume() -> None:
    settings = Settings.of(task())

    assert (settings.deregister, settings.prerequisites) == ("NEVER", "ASSUME")


def test_a_property_that_is_not_known_is_an_error_that_names_it() -> None:
    unknown = StackTask("S", "Fleet1", "", {"Bucket": Text("${New}", ("New",))})

    with pytest.raises(CommandError, match="task Fleet1 of stack S: Bucket refers to New, which"):
        unknown.text("Bucket")


def test_a_task_is_chosen_by_path_or_logical_id_or_because_it_is_the_only_one() -> None:
    template = {
        "Resources": {
            "Fleet1": {
                "Type": "Custom::ThingRegistrationTask",
                "Metadata": {"aws:cdk:path": "S/Fleet/Resource/Default"},
            },
            "Fleet2": {"Type": "Custom::ThingRegistrationTask"},
            "Other": {"Type": "AWS::S3::Bucket"},
        }
    }
    both = tasks_of("S", template, References({}))

    assert chosen("S", both, "S/Fleet") is both[0]
    assert chosen("S", both, "Fleet2") is both[1]
    assert chosen("S", both[1:], None) is both[1]
    with pytest.raises(
        CommandError, match="S has several tasks: --task must be one of S/Fleet, Fl"
    ):
        chosen("S", both, None)
    with pytest.raises(CommandError, match="stack S has no ThingRegistrationTask"):
        chosen("S", [], None)
