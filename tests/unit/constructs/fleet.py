"""A fleet of two things, with one name of everything that must exist first."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from thing_registration import ThingRegistrationTask

TEMPLATE: dict[str, Any] = {
    "Parameters": {"Name": {"Type": "String"}, "Group": {"Type": "String"}},
    "Resources": {
        "thing": {
            "Type": "AWS::IoT::Thing",
            "Properties": {
                "ThingName": {"Ref": "Name"},
                "ThingTypeName": "sensor",
                "ThingGroups": [{"Ref": "Group"}],
                "BillingGroup": "facilities",
            },
        },
        "certificate": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"CertificateId": "0" * 64},
        },
        "policy": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": "sensor"}},
    },
}
RECORDS = [{"Name": "a", "Group": "north"}, {"Name": "b", "Group": "south"}]

Make = Callable[..., ThingRegistrationTask]
RESOURCE = "Custom::ThingRegistrationTask"


def properties(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the stack's one custom resource."""
    found = Template.from_stack(stack).find_resources(RESOURCE)
    (resource,) = found.values()
    result: dict[str, Any] = resource["Properties"]
    return result
