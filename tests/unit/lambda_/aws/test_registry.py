"""What the devices refer to: asked for by name."""

from typing import Any

from aws import registry


def test_every_name_that_cannot_be_used_is_returned(aws: Any) -> None:
    iot = aws.stub("iot")
    iot.add_response("describe_thing_type", {"thingTypeMetadata": {"deprecated": True}})
    iot.add_client_error("describe_thing_group", "ResourceNotFoundException")
    iot.add_response("get_policy", {})
    names = {"thing_types": ["old"], "thing_groups": ["sensors"], "policies": ["there"]}

    assert registry.missing(aws.iot, names) == [
        "thing type 'old' is deprecated",
        "thing group 'sensors' does not exist",
    ]
