"""Permissions on what a thing's principals are."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local.fleet import Fleet
from tests.local.users import iot_of_user

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("resource", ["arn:aws:iot:*:*:thing/mine", "*"])
def test_only_a_permission_for_all_resources_lists_the_principals_of_a_thing(
    fleet: Fleet, resource: str
) -> None:
    fleet.iot.create_thing(thingName="mine")
    statement = {"Effect": "Allow", "Action": "iot:ListThingPrincipals", "Resource": resource}
    iot = iot_of_user(fleet, f"reader-{len(resource)}", statement)

    if resource == "*":
        assert iot.list_thing_principals(thingName="mine")["principals"] == []
    else:
        with pytest.raises(ClientError, match="iot:ListThingPrincipals"):
            iot.list_thing_principals(thingName="mine")
