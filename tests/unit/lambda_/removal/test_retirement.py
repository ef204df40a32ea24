"""What is done to one device that leaves: only what we made, and nothing that others use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.unit.lambda_.registry_answers import ARN, identity
from thing_registration_worker.aws.registry_changes import Refused
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.removal.retirement import (
    Calls,
    Device,
    delete,
    device,
    retire,
    take_apart,
)

ID, OTHER_ID = identity("a"), identity("b")
PREFIX = f"{ARN}:cert/"


def entry(*, thing_made: bool = True, certificate_made: bool = True, **changes: Any) -> Entry:
    members = {"state": "registered", "thing_name": "mine", "key": identity("c")}
    made = {"thing_made": thing_made, "certificate_made": certificate_made, "at": 1}
    return Entry(**{**members, "certificate_id": ID, **made, **changes})


def calls(aws: Any) -> Calls:
    return Calls(aws.iot, PREFIX)


def queue_things(aws: Any, *names: str, certificate_id: str = ID) -> None:
    principal = {"principal": PREFIX + certificate_id}
    aws.stub("iot").add_response("list_principal_things", {"things": list(names)}, principal)


def queue_detachment(aws: Any, certificate_id: str = ID) -> None:
    asked = {"thingName": "mine", "principal": PREFIX + certificate_id}
    aws.stub("iot").add_response("detach_thing_principal", {}, asked)


def queue_status(aws: Any, certificate_id: str = ID) -> None:
    asked = {"certificateId": certificate_id, "newStatus": "INACTIVE"}
    aws.stub("iot").add_response("update_certificate", {}, asked)


def queue_deletion(aws: Any, certificate_id: str = ID) -> None:
    asked = {"certificateId": certificate_id, "forceDelete": True}
    aws.stub("iot").add_response("delete_certificate", {}, asked)


def ids(doomed: Iterable[Entry]) -> list[str]:
    return [each.certificate_id for each in doomed]


def test_a_certificate_that_we_made_is_detached_then_set_inactive(aws: Any) -> None:
    queue_things(aws, "mine")
    queue_detachment(aws)
    queue_status(aws)

    retire(calls(aws), entry(), in_use=False)


def test_a_certificate_that_we_found_is_only_detached(aws: Any) -> None:
    queue_things(aws, "mine")
    queue_detachment(aws)

    retire(calls(aws), entry(certificate_made=False), in_use=False)


def test_a_certificate_whose_key_another_line_has_is_only_detached(aws: Any) -> None:
    queue_detachment(aws)

    retire(calls(aws), entry(), in_use=True)


def test_a_device_without_a_certificate_is_retired_without_a_call(aws: Any) -> None:
    retire(calls(aws), entry(certificate_id="", certificate_made=False), in_use=False)


def test_each_certificate_that_we_made_can_be_deleted_once_it_is_detached(aws: Any) -> None:
    for certificate_id in (ID, OTHER_ID):
        queue_things(aws, "mine", certificate_id=certificate_id)
        queue_detachment(aws, certificate_id)
        queue_status(aws, certificate_id)
    earlier = entry(thing_made=False, certificate_id=OTHER_ID, key=identity("d"))

    doomed = take_apart(calls(aws), device([entry(), entry(), earlier]), ())

    assert ids(doomed) == [ID, OTHER_ID]


def test_a_certificate_that_we_found_is_detached_from_our_thing_and_left(aws: Any) -> None:
    queue_things(aws, "mine")
    queue_detachment(aws)

    assert take_apart(calls(aws), device([entry(certificate_made=False)]), ()) == ()


def test_a_certificate_that_another_thing_has_is_detached_from_ours_and_left(aws: Any) -> None:
    queue_things(aws, "mine", "foreign")
    queue_detachment(aws)

    assert take_apart(calls(aws), device([entry()]), ()) == ()


def test_a_shared_certificate_of_a_thing_that_we_found_is_not_touched(aws: Any) -> None:
    queue_things(aws, "mine", "foreign")

    assert take_apart(calls(aws), device([entry(thing_made=False)]), ()) == ()


def test_a_thing_that_was_just_taken_apart_shares_nothing(aws: Any) -> None:
    queue_things(aws, "before", "mine")
    queue_detachment(aws)
    queue_status(aws)

    assert ids(take_apart(calls(aws), device([entry()]), {"before"})) == [ID]


@pytest.mark.parametrize("thing_made", [True, False])
def test_only_a_thing_that_we_made_is_deleted(aws: Any, thing_made: bool) -> None:
    queue_deletion(aws)
    if thing_made:
        aws.stub("iot").add_response("delete_thing", {}, {"thingName": "mine"})

    delete(calls(aws), Device("mine", thing_made, ()), [entry()])


def test_a_thing_stays_while_its_certificate_cannot_be_deleted(aws: Any) -> None:
    aws.stub("iot").add_client_error("delete_certificate", "DeleteConflictException")

    with pytest.raises(Refused, match="DeleteCertificate: DeleteConflictException"):
        delete(calls(aws), device([entry()]), [entry()])
