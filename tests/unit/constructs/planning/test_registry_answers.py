"""What AWS IoT's registry says about changed and new devices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from tests.unit.constructs.planning.states import TEMPLATE, comparand, line, state, thing
from tests.unit.lambda_.fleet.signed import certificates
from thing_registration.planning.compared_fleet import compare
from thing_registration.planning.registry_answers import (
    ChangedDevice,
    LookedUp,
    ValueChange,
    changed_devices,
    look_up,
)
from thing_registration_worker.fleet.public_keys import certificate_id

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient

CERTIFIED, OTHER = certificates(2)


class Registry:
    """AWS IoT with some things: the attributes and the certificates of each."""

    class exceptions:
        """As a client has them."""

        class ResourceNotFoundException(ClientError):
            """There is no such thing."""

    def __init__(self, **things: tuple[dict[str, str], list[str]]) -> None:
        self._things = things

    def describe_thing(self, thingName: str) -> Any:
        return {"attributes": self._found(thingName)[0], "thingTypeName": "meter"}

    def describe_certificate(self, certificateId: str) -> Any:
        pems = [pem for _, some in self._things.values() for pem in some]
        (pem,) = [pem for pem in pems if certificate_id(pem) == certificateId]
        return {"certificateDescription": {"status": "ACTIVE", "certificatePem": pem}}

    def get_paginator(self, name: str) -> Any:
        assert name == "list_thing_principals"
        return self

    def paginate(self, thingName: str, **_: Any) -> Any:
        ids = [certificate_id(pem) for pem in self._found(thingName)[1]]
        return [{"principals": [f"arn:aws:iot:r:a:cert/{each}" for each in ids]}]

    def _found(self, name: str) -> tuple[dict[str, str], list[str]]:
        if name not in self._things:
            error: Any = {"Error": {"Code": "ResourceNotFoundException"}}
            raise self.exceptions.ResourceNotFoundException(error, "DescribeThing")
        return self._things[name]


def client(**things: tuple[dict[str, str], list[str]]) -> IoTClient:
    return cast("IoTClient", Registry(**things))


def test_what_differs_of_a_changed_device_is_what_describe_thing_shows(tmp_path: Path) -> None:
    what = comparand(tmp_path, line("a", 0, "2"), line("b", 1, "2"))
    fleet = compare(what, state(thing("a", 0), thing("b", 1)))
    shown = [each.line for each in fleet.first["changed"]]

    found = changed_devices(client(a=({"serial": "1", "floor": "3"}, [])), what, shown)

    changes = (ValueChange("attribute serial", "1", "2"), ValueChange("attribute floor", "3", ""))
    assert found[1] == ChangedDevice(True, changes)
    assert not found[2].exists


@pytest.mark.parametrize("setting", ["MERGE", "DO_NOTHING"])
def test_an_attribute_that_is_not_replaced_stays(tmp_path: Path, setting: str) -> None:
    template = json.loads(TEMPLATE)
    template["Resources"]["t"]["OverrideSettings"] = {"AttributePayload": setting}
    what = comparand(tmp_path, line("a", 0, "2"), template=json.dumps(template))
    fleet = compare(what, state(thing("a", 0)))

    found = changed_devices(
        client(a=({"floor": "3"}, [])), what, [each.line for each in fleet.first["changed"]]
    )

    assert "attribute floor" not in [value.name for value in found[1].values]


def test_a_new_device_may_exist_and_have_a_certificate_for_its_key(tmp_path: Path) -> None:
    lines = [line("certified", 0), line("other", 1), line("missing", 2), line("known", 3)]
    fleet = compare(comparand(tmp_path, *lines), state(thing("known", 3)))
    told: list[str] = []

    asked = look_up(client(certified=({}, [CERTIFIED]), other=({}, [OTHER])), fleet, told.append)

    assert asked == LookedUp(3, ("certified", "other"), 1)
    assert told[-1] == "looking up 3 devices"


def test_a_changed_device_with_a_new_key_is_asked_about_as_well(tmp_path: Path) -> None:
    fleet = compare(comparand(tmp_path, line("a", 0)), state(thing("a", 1)))

    asked = look_up(client(a=({}, [CERTIFIED])), fleet, lambda words: None)

    assert asked == LookedUp(0, (), 1)
