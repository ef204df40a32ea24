"""CloudFormation drives a custom resource through each operation as AWS does, in virtual time.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
"""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.simulation import SimulatedAws
from tests.local.simulation.provider import Provider, parts, resource

FAILED = {"answer": {"Status": "FAILED", "Reason": "no"}}
SLOW = {"sleep": 100}
SILENT = {"silent": True}


def with_function(code: str, right: str, **properties: Any) -> dict[str, Any]:
    """A stack with a function and a custom resource of it."""
    token = {"Fn::GetAtt": ["Function", "Arn"]}
    return {
        **parts(code, right),
        "Thing": resource(token, after=["Policy"], Label=code, **properties),
    }


def test_a_stack_is_created_updated_and_deleted(provider: Provider) -> None:
    assert provider.create("stack", {"Thing": provider.thing(Label="a")}) == "CREATE_COMPLETE"
    assert provider.update("stack", {"Thing": provider.thing(Label="b")}) == "UPDATE_COMPLETE"
    assert provider.delete("stack") == "DELETE_COMPLETE"

    notes = provider.notes()
    assert [(note["kind"], note["status"]) for note in notes] == [
        ("Create", "CREATE_IN_PROGRESS"),
        ("Update", "UPDATE_IN_PROGRESS"),
        ("Delete", "DELETE_IN_PROGRESS"),
    ]
    assert [note["id"] for note in notes] == [None, *[f"made-{notes[0]['request']}"] * 2]


def test_nothing_is_sent_where_no_property_changes(provider: Provider) -> None:
    provider.create("stack", {"Thing": provider.thing()})
    more = {"Type": "AWS::SQS::Queue"}

    assert provider.update("stack", {"Thing": provider.thing(), "Queue": more}) == "UPDATE_COMPLETE"
    assert [kind for kind, _ in provider.kinds()] == ["Create"]


def test_a_create_that_fails_is_rolled_back(provider: Provider) -> None:
    status = provider.create("stack", {"Thing": provider.thing(Create=FAILED)})

    assert status == "ROLLBACK_COMPLETE"
    assert provider.kinds() == [
        ("Create", "CREATE_IN_PROGRESS"),
        ("Delete", "ROLLBACK_IN_PROGRESS"),
    ]
    (reason,) = provider.reasons("stack", "CREATE_FAILED")
    assert "no" in reason


def test_a_rollback_is_handled_by_the_old_code_with_its_old_rights(provider: Provider) -> None:
    assert provider.create("stack", with_function("1", "old")) == "CREATE_COMPLETE"

    status = provider.update("stack", with_function("2", "new", Update=FAILED))

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert [
        (note["kind"], note["status"], note["code"], note["rights"], note["label"])
        for note in provider.notes()
    ] == [
        ("Create", "CREATE_IN_PROGRESS", "1", ["old"], "1"),
        ("Update", "UPDATE_IN_PROGRESS", "2", ["new"], "2"),
        ("Update", "UPDATE_ROLLBACK_IN_PROGRESS", "1", ["old"], "1"),
    ]


def test_what_failed_last_is_sent_back_last_but_what_it_needs_before(provider: Provider) -> None:
    """The failing resource needs the thing, which needs the function."""

    def template(code: str, **properties: Any) -> dict[str, Any]:
        return {
            **with_function(code, "old"),
            "Last": provider.thing(after=["Thing"], Label=code, **properties),
        }

    provider.create("stack", template("1"))
    provider.notes()

    assert provider.update("stack", template("2", Update=FAILED)) == "UPDATE_ROLLBACK_COMPLETE"
    sent = [(note["resource"], note["code"], note["label"]) for note in provider.notes()]
    assert sent[:2] == [("Thing", "2", "2"), ("Last", "1", "2")]
    assert sorted(sent[2:]) == [("Last", "1", "1"), ("Thing", "1", "1")]


def test_a_cancelled_update_is_rolled_back(aws: SimulatedAws, provider: Provider) -> None:
    provider.create("stack", {"Thing": provider.thing(Label="a")})
    provider.begin("update_stack", "stack", {"Thing": provider.thing(Label="b", Update=SLOW)})
    time.sleep(20)
    began = aws.now

    provider.cloudformation.cancel_update_stack(StackName="stack")

    assert provider.end("stack") == "UPDATE_ROLLBACK_COMPLETE"
    assert aws.now - began < 20
    assert [(note["kind"], note["status"], note["label"]) for note in provider.notes()][1:] == [
        ("Update", "UPDATE_IN_PROGRESS", "b"),
        ("Update", "UPDATE_ROLLBACK_IN_PROGRESS", "a"),
    ]


@pytest.mark.parametrize(
    ("operation", "status"),
    [("create_stack", "CREATE_FAILED"), ("update_stack", "UPDATE_FAILED")],
)
def test_without_rollback_the_failure_stays_until_the_stack_is_deleted(
    provider: Provider, operation: str, status: str
) -> None:
    if operation == "update_stack":
        provider.create("stack", {"Thing": provider.thing()})
    failing = {"Thing": provider.thing(Create=FAILED, Update=FAILED)}

    stack = provider.begin(operation, "stack", failing, DisableRollback=True)

    assert provider.end(stack) == status
    assert provider.delete("stack") == "DELETE_COMPLETE"
    assert provider.kinds()[-1] == ("Delete", "DELETE_IN_PROGRESS")


def test_a_failed_update_without_rollback_is_followed_by_another(provider: Provider) -> None:
    provider.create("stack", {"Thing": provider.thing(Label="a")})
    failing = {"Thing": provider.thing(Label="b", Update=FAILED)}
    assert provider.update("stack", failing, DisableRollback=True) == "UPDATE_FAILED"

    mended = {"Thing": provider.thing(Label="c")}
    refused = pytest.raises(ClientError, match="please use the disable-rollback parameter")
    with refused:
        provider.update("stack", mended)
    assert provider.update("stack", mended, DisableRollback=True) == "UPDATE_COMPLETE"
    assert [(note["kind"], note["label"]) for note in provider.notes()] == [
        ("Create", "a"),
        ("Update", "b"),
        ("Update", "c"),
    ]


def test_a_failed_update_is_rolled_back_by_hand_to_what_it_was_at_first(
    provider: Provider,
) -> None:
    def template(label: str, **properties: Any) -> dict[str, Any]:
        return {
            "Thing": provider.thing(Label=label),
            "Last": provider.thing(after=["Thing"], Label=label, **properties),
        }

    provider.create("stack", template("a"))
    for label in ("b", "c"):
        failing = template(label, Update=FAILED)
        assert provider.update("stack", failing, DisableRollback=True) == "UPDATE_FAILED"
    provider.notes()

    provider.cloudformation.rollback_stack(StackName="stack")

    assert provider.end("stack") == "UPDATE_ROLLBACK_COMPLETE"
    notes = provider.notes()
    assert sorted((note["resource"], note["kind"], note["label"]) for note in notes) == [
        ("Last", "Update", "a"),
        ("Thing", "Update", "a"),
    ]


def test_a_change_set_of_a_failed_update_needs_disable_rollback(provider: Provider) -> None:
    provider.create("stack", {"Thing": provider.thing(Label="a")})
    failing = {"Thing": provider.thing(Label="b", Update=FAILED)}
    provider.update("stack", failing, DisableRollback=True)
    mended = json.dumps({"Resources": {"Thing": provider.thing(Label="c")}})
    client, change_set = provider.cloudformation, {"StackName": "stack", "ChangeSetName": "mended"}
    client.create_change_set(**change_set, TemplateBody=mended)
    time.sleep(10)

    with pytest.raises(ClientError, match="please use the disable-rollback parameter"):
        client.execute_change_set(**change_set)
    client.execute_change_set(**change_set, DisableRollback=True)

    assert provider.end("stack") == "UPDATE_COMPLETE"


def test_a_stack_is_deleted_while_it_is_created(aws: SimulatedAws, provider: Provider) -> None:
    stack = provider.begin("create_stack", "stack", {"Thing": provider.thing(Create=SLOW)})
    time.sleep(20)

    assert provider.delete("stack") == "DELETE_COMPLETE"
    aws.sleep(200)

    assert provider.kinds() == [
        ("Create", "CREATE_IN_PROGRESS"),
        ("Delete", "DELETE_IN_PROGRESS"),
    ]
    assert provider.status(stack) == "DELETE_COMPLETE"


def test_a_stack_is_deleted_after_a_failed_create(provider: Provider) -> None:
    provider.create("stack", {"Thing": provider.thing(Create=FAILED)})
    provider.notes()

    assert provider.delete("stack") == "DELETE_COMPLETE"
    assert provider.kinds() == []


def test_a_request_without_an_answer_fails_after_its_service_timeout(
    aws: SimulatedAws, provider: Provider
) -> None:
    began = aws.now

    silent = provider.thing(ServiceTimeout="300", Create=SILENT)
    status = provider.create("stack", {"Thing": silent})

    assert status == "ROLLBACK_COMPLETE"
    assert 300 < aws.now - began < 320
    (reason,) = provider.reasons("stack", "CREATE_FAILED")
    assert "did not receive a response from your Custom Resource" in reason


def test_without_a_service_timeout_cloudformation_waits_an_hour(
    aws: SimulatedAws, provider: Provider
) -> None:
    thing = provider.thing(Create=SILENT)
    del thing["Properties"]["ServiceTimeout"]
    began = aws.now

    assert provider.create("stack", {"Thing": thing}) == "ROLLBACK_COMPLETE"
    assert 3600 < aws.now - began < 3620


def test_a_renamed_resource_is_created_first_and_the_old_one_deleted_in_the_cleanup(
    provider: Provider,
) -> None:
    provider.create("stack", {"Old": provider.thing()})

    assert provider.update("stack", {"New": provider.thing()}) == "UPDATE_COMPLETE"
    assert [(note["resource"], note["kind"], note["status"]) for note in provider.notes()] == [
        ("Old", "Create", "CREATE_IN_PROGRESS"),
        ("New", "Create", "UPDATE_IN_PROGRESS"),
        ("Old", "Delete", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
    ]


def test_another_physical_id_has_the_old_one_deleted_in_the_cleanup(provider: Provider) -> None:
    provider.create("stack", {"Thing": provider.thing(Label="a")})
    other = {"answer": {"PhysicalResourceId": "other"}}

    status = provider.update("stack", {"Thing": provider.thing(Label="b", Update=other)})

    assert status == "UPDATE_COMPLETE"
    notes = provider.notes()
    assert [(note["kind"], note["status"], note["label"]) for note in notes][1:] == [
        ("Update", "UPDATE_IN_PROGRESS", "b"),
        ("Delete", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "a"),
    ]
    assert notes[2]["id"] == notes[1]["id"] != "other"


def test_a_rolled_back_rename_deletes_the_new_one_in_the_cleanup(provider: Provider) -> None:
    provider.create("stack", {"Old": provider.thing()})
    renamed = {"New": provider.thing(), "Last": provider.thing(after=["New"], Create=FAILED)}

    assert provider.update("stack", renamed) == "UPDATE_ROLLBACK_COMPLETE"
    deleted = [note for note in provider.notes() if note["kind"] == "Delete"]
    assert [(note["resource"], note["status"]) for note in deleted] == [
        ("Last", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("New", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
    ]


def test_resources_are_created_after_those_that_they_need_and_deleted_before(
    provider: Provider,
) -> None:
    things = {
        "First": provider.thing(Create={"sleep": 30}),
        "Second": provider.thing(after=["First"]),
    }

    provider.create("stack", things)
    provider.delete("stack")

    notes = provider.notes()
    assert [(note["resource"], note["kind"]) for note in notes] == [
        ("First", "Create"),
        ("Second", "Create"),
        ("Second", "Delete"),
        ("First", "Delete"),
    ]
    assert notes[1]["time"] - notes[0]["time"] > 30


def test_two_stacks_are_created_at_once(aws: SimulatedAws, provider: Provider) -> None:
    began = aws.now
    for name in ("one", "two"):
        provider.begin("create_stack", name, {"Thing": provider.thing(Create=SLOW)})

    assert [provider.end(name) for name in ("one", "two")] == ["CREATE_COMPLETE"] * 2
    assert 100 < aws.now - began < 130
    times = sorted(note["time"] for note in provider.notes())
    assert all(later - earlier < 20 for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("size", "status"), [(3000, "CREATE_COMPLETE"), (4096, "ROLLBACK_COMPLETE")]
)
def test_an_answer_over_4096_bytes_is_refused(provider: Provider, size: int, status: str) -> None:
    long = {"answer": {"Data": {"x": "y" * size}}}

    assert provider.create("stack", {"Thing": provider.thing(Create=long)}) == status
    refused = provider.reasons("stack", "CREATE_FAILED")
    assert refused == ([] if size == 3000 else ["Response object is too long."])


def test_the_deletion_waits_for_a_delete_that_takes_its_time(
    aws: SimulatedAws, provider: Provider
) -> None:
    provider.create("stack", {"Thing": provider.thing(Delete=SLOW)})
    began = aws.now

    assert provider.delete("stack") == "DELETE_COMPLETE"
    assert 100 < aws.now - began < 120


def test_a_delete_that_fails_can_be_tried_again(provider: Provider) -> None:
    provider.create("stack", {"Thing": provider.thing(Delete=FAILED)})

    assert provider.delete("stack") == "DELETE_FAILED"
    assert provider.delete("stack") == "DELETE_FAILED"
    assert [kind for kind, _ in provider.kinds()] == ["Create", "Delete", "Delete"]


def test_a_rollback_that_fails_is_a_status_of_its_own(provider: Provider) -> None:
    provider.create("stack", {"Thing": provider.thing(Label="a", Update=FAILED)})

    changed = {"Thing": provider.thing(Label="b", Update=FAILED)}
    assert provider.update("stack", changed) == "UPDATE_ROLLBACK_FAILED"
