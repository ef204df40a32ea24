"""A fleet of two things, with one name of everything that must exist first."""

from typing import Any

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
