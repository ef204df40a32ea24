"""Dynamic thing groups: AWS fills them, nobody else."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local.fleet import THING_TEMPLATE, Fleet, register

pytestmark = pytest.mark.slow
QUERY = "attributes.model:m1"


def test_a_group_is_made_described_updated_and_deleted(fleet: Fleet) -> None:
    iot = fleet.iot

    made = iot.create_dynamic_thing_group(thingGroupName="d1", queryString=QUERY)

    assert (made["queryString"], made["indexName"]) == (QUERY, "AWS_Things")
    assert iot.describe_thing_group(thingGroupName="d1")["queryString"] == QUERY
    iot.update_dynamic_thing_group(
        thingGroupName="d1", thingGroupProperties={}, queryString="thingName:a*"
    )
    assert iot.describe_thing_group(thingGroupName="d1")["queryString"] == "thingName:a*"
    iot.delete_dynamic_thing_group(thingGroupName="d1")
    for call in (iot.describe_thing_group, iot.delete_dynamic_thing_group):
        with pytest.raises(iot.exceptions.ResourceNotFoundException):
            call(thingGroupName="d1")


def test_a_static_group_has_no_query(fleet: Fleet) -> None:
    fleet.iot.create_thing_group(thingGroupName="s1")

    assert "queryString" not in fleet.iot.describe_thing_group(thingGroupName="s1")


def test_nobody_adds_a_thing_to_it(fleet: Fleet, name: str) -> None:
    iot = fleet.iot
    arn = iot.create_dynamic_thing_group(thingGroupName="d2", queryString=QUERY)["thingGroupArn"]
    iot.create_thing(thingName=name)

    for refused in (
        lambda: iot.add_thing_to_thing_group(thingGroupName="d2", thingName=name),
        lambda: iot.add_thing_to_thing_group(thingGroupArn=arn, thingName=name),
        lambda: iot.remove_thing_from_thing_group(thingGroupName="d2", thingName=name),
        lambda: iot.update_thing_groups_for_thing(thingName=name, thingGroupsToAdd=["d2"]),
        lambda: register(
            fleet, {**THING_TEMPLATE, "Resources": with_group("d2")}, ThingName=f"{name}-2"
        ),
    ):
        with pytest.raises(ClientError, match="does not support dynamic thing groups"):
            refused()
    iot.delete_dynamic_thing_group(thingGroupName="d2")


def with_group(group: str) -> dict[str, object]:
    """The resources of a template whose thing is in a group."""
    properties = {"ThingName": {"Ref": "ThingName"}, "ThingGroups": [group]}
    return {"thing": {"Type": "AWS::IoT::Thing", "Properties": properties}}
