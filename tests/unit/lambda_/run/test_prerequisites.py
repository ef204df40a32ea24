"""What the devices refer to: verified, or created where it is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from thing_registration_worker.fleet.prerequisite_names import PrerequisiteNames
from thing_registration_worker.run.prerequisites import Piece, create, missing

NAMES = PrerequisiteNames(("pump",), ("north",), ("connect",), ("sensors",))
DOCUMENT = {"Version": "2012-10-17", "Statement": []}
LATER = float("inf")
PUMP = {"thingTypeName": "pump"}
CONNECT = {"policyName": "connect"}
NOT_FOUND = "ResourceNotFoundException"
EXISTS = "ResourceAlreadyExistsException"


def queue_policy(aws: Any, document: str) -> None:
    aws.stub("iot").add_response("get_policy", {"policyDocument": document}, CONNECT)


def queue_missing(aws: Any, operation: str, asked: dict[str, str]) -> None:
    aws.stub("iot").add_client_error(operation, NOT_FOUND, expected_params=asked)


def policy_only(aws: Any, documents: dict[str, object]) -> Piece:
    return create(aws.iot, PrerequisiteNames(policies=("connect",)), documents, LATER)


def test_every_name_that_cannot_be_used_is_a_problem(aws: Any) -> None:
    iot = aws.stub("iot")
    iot.add_response("describe_thing_type", {"thingTypeMetadata": {"deprecated": True}}, PUMP)
    queue_missing(aws, "describe_billing_group", {"billingGroupName": "north"})
    queue_policy(aws, "{}")
    queue_missing(aws, "describe_thing_group", {"thingGroupName": "sensors"})

    assert missing(aws.iot, NAMES, LATER) == Piece(
        4,
        (
            "thing type 'pump' is deprecated",
            "billing group 'north' does not exist",
            "thing group 'sensors' does not exist",
        ),
        (),
    )


def test_names_that_can_be_used_are_no_problem(aws: Any) -> None:
    iot = aws.stub("iot")
    iot.add_response("describe_thing_type", {"thingTypeMetadata": {"deprecated": False}})
    iot.add_response("describe_billing_group", {})
    queue_policy(aws, "{}")
    iot.add_response("describe_thing_group", {})

    assert missing(aws.iot, NAMES, LATER) == Piece(4, (), ())


def test_a_name_that_aws_refuses_is_a_problem(aws: Any) -> None:
    aws.stub("iot").add_client_error("describe_thing_group", "InvalidRequestException", "a blank")

    piece = missing(aws.iot, PrerequisiteNames(thing_groups=("a b",)), LATER)

    assert piece.problems == ("thing group 'a b' is refused (InvalidRequestException: a blank)",)


def test_access_that_is_denied_is_an_error(aws: Any) -> None:
    aws.stub("iot").add_client_error("describe_thing_type", "UnauthorizedException")

    with pytest.raises(aws.iot.exceptions.UnauthorizedException):
        missing(aws.iot, NAMES, LATER)


def test_the_names_for_which_no_time_is_left_are_left_to_the_next_call(aws: Any) -> None:
    aws.stub("iot").add_response("describe_thing_type", {}, PUMP)
    queue_missing(aws, "describe_billing_group", {"billingGroupName": "north"})

    first = missing(aws.iot, NAMES, end=0)
    second = missing(aws.iot, NAMES, end=0, done=first.done)

    assert first == Piece(1, (), ())
    assert second == Piece(2, ("billing group 'north' does not exist",), ())


def test_nothing_is_asked_where_all_is_done(aws: Any) -> None:
    assert missing(aws.iot, NAMES, LATER, done=4) == Piece(4, (), ())


def test_what_is_missing_is_created(aws: Any) -> None:
    iot = aws.stub("iot")
    for kind, asked in (
        ("thing_type", PUMP),
        ("billing_group", {"billingGroupName": "north"}),
        ("policy", {**CONNECT, "policyDocument": '{"Version":"2012-10-17","Statement":[]}'}),
        ("thing_group", {"thingGroupName": "sensors"}),
    ):
        name = {key: value for key, value in asked.items() if key != "policyDocument"}
        queue_missing(aws, "get_policy" if kind == "policy" else f"describe_{kind}", name)
        iot.add_response(f"create_{kind}", {}, asked)

    assert create(aws.iot, NAMES, {"*": DOCUMENT}, LATER) == Piece(4, (), ())


def test_what_exists_is_not_created(aws: Any) -> None:
    iot = aws.stub("iot")
    iot.add_response("describe_thing_type", {})
    iot.add_response("describe_billing_group", {})
    queue_policy(aws, json.dumps(DOCUMENT, indent=4))
    iot.add_response("describe_thing_group", {})

    assert create(aws.iot, NAMES, {"*": DOCUMENT}, LATER) == Piece(4, (), ())


def test_what_somebody_else_creates_meanwhile_is_no_problem(aws: Any) -> None:
    queue_missing(aws, "describe_thing_type", PUMP)
    aws.stub("iot").add_client_error("create_thing_type", EXISTS)

    piece = create(aws.iot, PrerequisiteNames(thing_types=("pump",)), {}, LATER)

    assert piece == Piece(1, (), ())


def test_a_policy_of_its_own_document_is_created_with_it(aws: Any) -> None:
    queue_missing(aws, "get_policy", CONNECT)
    aws.stub("iot").add_response("create_policy", {}, {**CONNECT, "policyDocument": '{"a": 1}'})

    assert policy_only(aws, {"*": DOCUMENT, "connect": '{"a": 1}'}).problems == ()


def test_an_existing_policy_with_another_document_is_said_and_left(aws: Any) -> None:
    queue_policy(aws, '{"Version":"2012-10-17","Statement":[{}]}')

    piece = policy_only(aws, {"*": DOCUMENT})

    assert piece == Piece(
        1, (), ("policy 'connect' exists with another document, and is left as it is",)
    )


def test_a_missing_policy_without_a_document_is_a_problem(aws: Any) -> None:
    queue_missing(aws, "get_policy", CONNECT)

    assert policy_only(aws, {"other": DOCUMENT}).problems == (
        "policy 'connect' does not exist, and has no document to create it with",
    )


def test_an_existing_policy_needs_no_document(aws: Any) -> None:
    queue_policy(aws, "{}")

    assert policy_only(aws, {}) == Piece(1, (), ())


def test_a_document_that_aws_refuses_is_a_problem(aws: Any) -> None:
    queue_missing(aws, "get_policy", CONNECT)
    aws.stub("iot").add_client_error("create_policy", "MalformedPolicyException", "no Version")

    assert policy_only(aws, {"connect": "{}"}).problems == (
        "policy 'connect' is refused (MalformedPolicyException: no Version)",
    )


def test_a_creation_that_is_denied_is_an_error(aws: Any) -> None:
    queue_missing(aws, "get_policy", CONNECT)
    aws.stub("iot").add_client_error("create_policy", "UnauthorizedException")

    with pytest.raises(aws.iot.exceptions.UnauthorizedException):
        policy_only(aws, {"connect": "{}"})


def test_a_deprecated_thing_type_is_a_problem_and_not_created_again(aws: Any) -> None:
    aws.stub("iot").add_response("describe_thing_type", {"thingTypeMetadata": {"deprecated": True}})

    piece = create(aws.iot, PrerequisiteNames(thing_types=("pump",)), {}, LATER)

    assert piece.problems == ("thing type 'pump' is deprecated",)


def test_a_dynamic_thing_group_is_a_problem_because_nobody_adds_things_to_it(aws: Any) -> None:
    aws.stub("iot").add_response("describe_thing_group", {"queryString": "thingName:a*"})

    piece = create(aws.iot, PrerequisiteNames(thing_groups=("hot",)), {}, LATER)

    assert piece.problems == (
        "thing group 'hot' is dynamic: AWS itself fills it, by its query 'thingName:a*'",
    )


def test_creation_goes_on_behind_what_was_done(aws: Any) -> None:
    aws.stub("iot").add_response("describe_thing_group", {}, {"thingGroupName": "sensors"})

    assert create(aws.iot, NAMES, {}, LATER, done=3).done == 4
