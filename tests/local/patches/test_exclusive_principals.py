"""A certificate that one thing has exclusively."""

from __future__ import annotations

from typing import Any

import pytest

from local import LocalAws


@pytest.fixture
def iot(aws: LocalAws) -> Any:
    client = aws.client("iot")
    for name in ("a", "b"):
        client.create_thing(thingName=name)
    return client


def attach(iot: Any, name: str, arn: str, kind: str = "EXCLUSIVE_THING") -> None:
    iot.attach_thing_principal(thingName=name, principal=arn, thingPrincipalType=kind)


def test_what_one_thing_has_exclusively_no_other_gets_until_it_is_detached(iot: Any) -> None:
    arn = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
    attach(iot, "a", arn)

    for kind in ("EXCLUSIVE_THING", "NON_EXCLUSIVE_THING"):
        with pytest.raises(iot.exceptions.InvalidRequestException, match="exclusively to thing a"):
            attach(iot, "b", arn, kind)
    iot.detach_thing_principal(thingName="a", principal=arn)
    attach(iot, "b", arn)

    assert iot.list_principal_things(principal=arn)["things"] == ["b"]


def test_what_another_thing_has_cannot_be_had_exclusively(iot: Any) -> None:
    arn = iot.create_keys_and_certificate(setAsActive=True)["certificateArn"]
    attach(iot, "a", arn, "NON_EXCLUSIVE_THING")

    with pytest.raises(iot.exceptions.InvalidRequestException, match="other things: a"):
        attach(iot, "b", arn)
    attach(iot, "b", arn, "NON_EXCLUSIVE_THING")
