"""The words of a provisioning template for bulk registration.

https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
"""

from __future__ import annotations

from thing_registration.checks.value_kinds import Kind
from thing_registration.choices import OverrideSetting

THING, CERTIFICATE, POLICY = "AWS::IoT::Thing", "AWS::IoT::Certificate", "AWS::IoT::Policy"

SECTIONS = ("Parameters", "Resources")
FLEET_SECTIONS = ("DeviceConfiguration", "Mappings")
PARAMETER_ATTRIBUTES = ("Default", "Type")
RESOURCE_ATTRIBUTES = ("OverrideSettings", "Properties", "Type")

# Properties that are one string, and what it becomes.
TEXT_PROPERTIES: dict[str, dict[str, Kind]] = {
    THING: {
        "ThingName": Kind.THING_NAME,
        "ThingTypeName": Kind.THING_TYPE,
        "BillingGroup": Kind.BILLING_GROUP,
    },
    CERTIFICATE: {
        "CertificateSigningRequest": Kind.CSR,
        "CertificateId": Kind.CERTIFICATE_ID,
        # The page's list of properties has this spelling, its examples the other.
        "CertificateID": Kind.CERTIFICATE_ID,
        "CertificatePem": Kind.CERTIFICATE,
        "CACertificatePem": Kind.CA_CERTIFICATE,
        "Status": Kind.STATUS,
        "ThingPrincipalType": Kind.PRINCIPAL_TYPE,
    },
    POLICY: {"PolicyName": Kind.POLICY_NAME},
}
# PackageVersions has a shape that AWS's page does not show, so it is not checked.
OTHER_PROPERTIES: dict[str, tuple[str, ...]] = {
    THING: ("AttributePayload", "PackageVersions", "ThingGroups"),
    CERTIFICATE: (),
    POLICY: ("PolicyDocument",),
}
CERTIFICATE_METHODS = (
    "CertificateID",
    "CertificateId",
    "CertificatePem",
    "CertificateSigningRequest",
)
POLICY_METHODS = ("PolicyDocument", "PolicyName")

_MERGEABLE = tuple(sorted(setting.value for setting in OverrideSetting))
_CHOICES = tuple(setting for setting in _MERGEABLE if setting != OverrideSetting.MERGE)
# The page's prose writes the settings of a thing in capitals, every example as here.
OVERRIDE_SETTINGS: dict[str, dict[str, tuple[str, ...]]] = {
    THING: {
        "ATTRIBUTE_PAYLOAD": _MERGEABLE,
        "AttributePayload": _MERGEABLE,
        "THING_GROUPS": _MERGEABLE,
        "THING_TYPE_NAME": _CHOICES,
        "ThingGroups": _MERGEABLE,
        "ThingTypeName": _CHOICES,
    },
    CERTIFICATE: {"Status": _CHOICES},
}
