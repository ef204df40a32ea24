"""`thing-registration deregister` runs the worker's step, and lets the next deployment begin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from tests.unit.constructs.deployed.objects import KEYS, OWNER, PREFIX, STACK_ID, Bucket
from tests.unit.constructs.planning.states import certificate_id, state, thing
from thing_registration.deployed.aws_session import AwsSession
from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.fleet_state import read_state
from thing_registration.deployed.resolved_values import Text
from thing_registration.deployed.stack_tasks import StackTask
from thing_registration.deployed.worker_steps import Deregistration
from thing_registration_worker.request.owner import Owner
from thing_registration_worker.state import devices
from thing_registration_worker.state.head import Holder
from thing_registration_worker.state.order import Moment
from thing_registration_worker.state.schema import RETIRED
from thing_registration_worker.timing import WORKER_TIMEOUT

PROPERTIES = {
    "TemplateBody": "{}",
    "SourceBucket": "assets",
    "SourceKey": "a.jsonl",
    "InputHash": "a",
    "Bucket": "files",
    "KeyPrefix": PREFIX,
    "RoleArn": "arn:aws:iam::111111111111:role/r",
    "TimeoutSeconds": "3000",
    "MaxFailures": "0",
    "EmptyOnDelete": "false",
}


class Registry:
    """AWS IoT, which notes what is deleted; it refuses to delete some things."""

    def __init__(self, *refused: str) -> None:
        self.deleted: list[str] = []
        self._refused = refused

    def list_principal_things(self, principal: str) -> Any:
        return {"things": []}

    def detach_thing_principal(self, **_: Any) -> None:
        pass

    def update_certificate(self, **_: Any) -> None:
        pass

    def delete_certificate(self, certificateId: str, forceDelete: bool) -> None:
        self.deleted.append(certificateId)

    def delete_thing(self, thingName: str) -> None:
        if thingName in self._refused:
            raise ClientError({"Error": {"Code": "VersionConflictException"}}, "DeleteThing")
        self.deleted.append(thingName)


class Account:
    """What the command is given in place of a session."""

    def __init__(self, s3: Bucket, iot: Registry) -> None:
        self.s3, self.iot = s3, iot


@pytest.fixture
def bucket() -> Bucket:
    """The state of a fleet: two meters that were made, one of them is retired; one was found."""
    made = Bucket()
    found = thing("found", 2, thing_made=False, certificate_made=False)
    made.store(state(thing("a", 0), thing("b", 1, RETIRED), found))
    return made


def deregistration(
    bucket: Bucket, iot: Registry | None = None, *, only_retired: bool = False
) -> Deregistration:
    properties = {name: Text(value) for name, value in PROPERTIES.items()}
    return Deregistration(
        cast(AwsSession, Account(bucket, iot or Registry())),
        StackTask("S", "Fleet", "", properties, stack_id=STACK_ID),
        only_retired=only_retired,
        tell=lambda words: None,
    )


def names_left(bucket: Bucket) -> list[str]:
    db = read_state(cast(Any, bucket), "files", PREFIX, lambda words: None).db
    return list(devices.made(db, claimed=True))


def test_listing_only_reads(bucket: Bucket) -> None:
    before = dict(bucket.objects)

    doomed = deregistration(bucket)

    assert doomed.thing_names == ["a", "b"]
    assert doomed.certificate_ids == [certificate_id(0), certificate_id(1)]
    assert bucket.objects == before


def test_what_was_made_is_deleted_and_what_was_found_stays(bucket: Bucket) -> None:
    iot = Registry()

    assert deregistration(bucket, iot).delete(lambda done: None) == 2

    assert sorted(iot.deleted) == sorted(["a", "b", certificate_id(0), certificate_id(1)])
    assert names_left(bucket) == ["found"]


def test_only_retired_devices_are_deleted_where_that_is_asked_for(bucket: Bucket) -> None:
    iot = Registry()

    assert deregistration(bucket, iot, only_retired=True).delete(lambda done: None) == 1

    assert sorted(iot.deleted) == sorted(["b", certificate_id(1)])
    assert names_left(bucket) == ["a", "found"]


def test_a_command_that_has_ended_is_in_nobodys_way(bucket: Bucket) -> None:
    deregistration(bucket).delete(lambda done: None)

    head = bucket.read_head()
    assert head.holder.request_id.startswith("deregister-")
    assert (head.holder.answered, head.owner) == (True, OWNER)
    assert not Moment(1_000.5).is_before(head.holder.sent)


def test_what_aws_refuses_is_named_and_the_command_has_ended(bucket: Bucket) -> None:
    with pytest.raises(CommandError, match="thing a: DeleteThing: VersionConflictException"):
        deregistration(bucket, Registry("a")).delete(lambda done: None)

    assert bucket.read_head().holder.answered
    assert names_left(bucket) == ["a", "found"]


def test_a_deployment_that_begins_meanwhile_ends_it(bucket: Bucket) -> None:
    iot = Registry()
    doomed = deregistration(bucket, iot)

    def begin(done: int) -> None:
        head = bucket.read_head()
        bucket.head(replace(head, holder=Holder("request-2", Moment(2_000.0)), token="2"))

    with pytest.raises(
        CommandError, match=r"has begun meanwhile .*superseded by request request-2"
    ):
        doomed.delete(begin)

    assert iot.deleted == []
    assert bucket.read_head().holder == Holder("request-2", Moment(2_000.0))


def test_calls_for_a_request_that_was_not_answered_are_waited_for(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    head = bucket.read_head()
    bucket.head(replace(head, holder=replace(head.holder, answered=False)))

    deregistration(bucket).delete(lambda done: None)

    assert WORKER_TIMEOUT - 10 < waited[0] <= WORKER_TIMEOUT


def test_a_state_of_another_resource_is_left_alone(bucket: Bucket) -> None:
    bucket.head(replace(bucket.read_head(), owner=Owner("1", "r", "Other", "Fleet")))

    with pytest.raises(CommandError, match=r"Fleet of stack S belongs to Other/Fleet \(1, r\)"):
        deregistration(bucket)


def test_a_state_that_cannot_be_read_is_an_error(bucket: Bucket) -> None:
    for key in [key for key in bucket.objects if key.startswith(KEYS.states)]:
        del bucket.objects[key]

    with pytest.raises(CommandError, match="its state cannot be read: s3://files/"):
        deregistration(bucket)


def test_without_a_state_there_is_nothing_to_delete() -> None:
    assert deregistration(Bucket()).thing_names == []
