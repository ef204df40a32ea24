"""The request: parsed once, typed."""

import re

import pytest

from request import Declaration, Request, answer_ids, fingerprint
from tests.unit.lambda_.stubs import PROPERTIES, event
from timing import EMPTYING_TIMEOUT, STOPPING_TIMEOUT


def test_the_old_properties_decide_nothing_but_the_fingerprint() -> None:
    old = {"ServiceToken": "arn"}

    request = Request.from_event(event("Update", OldResourceProperties=old))

    assert request.old_fingerprint == fingerprint({})
    assert request.fingerprint == fingerprint(PROPERTIES)


def test_the_physical_id_is_the_same_for_every_request_of_a_resource() -> None:
    first = answer_ids(event())["PhysicalResourceId"]

    assert answer_ids(event(RequestId="another"))["PhysicalResourceId"] == first
    assert answer_ids(event(PhysicalResourceId="given"))["PhysicalResourceId"] == "given" != first


def declaration(**changes: str) -> Declaration:
    return Declaration.from_properties({**PROPERTIES, **changes})


def test_properties_are_typed_once() -> None:
    read = declaration(EmptyOnDelete="false", Lines="7", Prerequisites='{"policies": ["p"]}')

    assert (read.timeout, read.empty_on_delete, read.lines) == (3000, False, 7)
    assert read.prerequisite_names == {"policies": ["p"]}
    assert (declaration().lines, declaration().empty_on_delete) == (0, True)


@pytest.mark.parametrize(
    ("kind", "empty_on_delete", "timeout"),
    [
        ("Create", "true", 3000),
        ("Update", "false", 3000),
        ("Delete", "true", EMPTYING_TIMEOUT),
        ("Delete", "false", 3000 + STOPPING_TIMEOUT),
    ],
)
def test_only_a_deletion_has_another_timeout_than_the_declared_one(
    kind: str, empty_on_delete: str, timeout: int
) -> None:
    properties = {**PROPERTIES, "EmptyOnDelete": empty_on_delete}

    assert Request.from_event(event(kind, ResourceProperties=properties)).timeout == timeout


@pytest.mark.parametrize(
    ("old", "moved"),
    [
        ({}, False),
        ({"TemplateBody": "of an older version"}, False),
        (PROPERTIES, False),
        ({**PROPERTIES, "InputHash": "another"}, False),
        ({**PROPERTIES, "Bucket": "another"}, True),
        ({**PROPERTIES, "KeyPrefix": "another/"}, True),
    ],
)
def test_an_update_moves_our_objects_when_bucket_or_prefix_change(
    old: dict[str, str], moved: bool
) -> None:
    request = Request.from_event(event("Update", OldResourceProperties=old))

    assert request.moved_from == (Declaration.from_properties(old) if moved else None)


def test_the_physical_id_tells_resources_of_different_stacks_apart() -> None:
    ids = answer_ids(event())

    assert re.fullmatch(r"Fleet30813DF3-[0-9a-f]{12}", ids["PhysicalResourceId"])
    assert answer_ids(event(StackId="another"))["PhysicalResourceId"] != ids["PhysicalResourceId"]
    assert {name: ids[name] for name in ("StackId", "RequestId", "LogicalResourceId")} == {
        name: event()[name] for name in ("StackId", "RequestId", "LogicalResourceId")
    }


@pytest.mark.parametrize("name", ["TemplateBody", "InputHash", "RoleArn"])
def test_a_member_that_decides_what_is_registered_changes_the_fingerprint(name: str) -> None:
    assert fingerprint({**PROPERTIES, name: "x"}) != fingerprint(PROPERTIES)
    assert fingerprint({**PROPERTIES, name: ""}) == fingerprint(
        {key: value for key, value in PROPERTIES.items() if key != name}
    )
