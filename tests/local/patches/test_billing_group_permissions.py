"""Permissions on billing groups."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.local.fleet import Fleet
from tests.local.users import iot_of_user

pytestmark = pytest.mark.slow


def test_a_permission_for_one_billing_group_is_none_for_another(fleet: Fleet) -> None:
    for name in ("mine", "theirs"):
        fleet.iot.create_billing_group(billingGroupName=name)
    statement = {
        "Effect": "Allow",
        "Action": "iot:DescribeBillingGroup",
        "Resource": "arn:aws:iot:*:*:billinggroup/mine",
    }
    iot = iot_of_user(fleet, "accountant", statement)

    assert iot.describe_billing_group(billingGroupName="mine")["billingGroupName"] == "mine"
    with pytest.raises(ClientError, match="iot:DescribeBillingGroup"):
        iot.describe_billing_group(billingGroupName="theirs")
