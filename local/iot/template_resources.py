"""The properties that each type of resource in a provisioning template may have.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.iot import limits
from local.iot.policy_document import policy_document_violation

_CERTIFICATE_METHODS = ("CertificateSigningRequest", "CertificateId", "CertificatePem")
_OVERRIDES = ("DO_NOTHING", "REPLACE", "FAIL", "MERGE")
# The page's prose writes ATTRIBUTE_PAYLOAD, all of its examples AttributePayload.
_THING_OVERRIDES = ("AttributePayload", "ThingTypeName", "ThingGroups")
_MERGEABLE = ("AttributePayload", "ThingGroups")


def resource_violation(
    resource_type: object, properties: Mapping[str, Any], settings: Mapping[str, Any]
) -> str | None:
    """Return what is wrong with a resource, or None."""
    if resource_type == "AWS::IoT::Thing":
        return _thing_violation(properties) or _override_violation(settings, _THING_OVERRIDES)
    if resource_type == "AWS::IoT::Certificate":
        return _certificate_violation(properties) or _override_violation(settings, ("Status",))
    if resource_type == "AWS::IoT::Policy":
        return _policy_violation(properties) or _override_violation(settings, ())
    return f"Template format error: Unrecognized resource type: {resource_type}"


def is_reference(value: object) -> bool:
    """Return whether a value is `{"Ref": …}` (or a function, which is refused elsewhere)."""
    return (
        isinstance(value, dict)
        and len(value) == 1
        and all(name == "Ref" or name.startswith("Fn::") for name in value)
    )


def _thing_violation(properties: Mapping[str, Any]) -> str | None:
    allowed = {
        "ThingName",
        "AttributePayload",
        "ThingTypeName",
        "ThingGroups",
        "BillingGroup",
        "PackageVersions",
    }
    if unknown := sorted(set(properties) - allowed):
        return f"Unknown thing properties {unknown}."
    if not properties.get("ThingName"):
        return "ThingName is not present in the Template."
    for name in ("ThingName", "ThingTypeName", "BillingGroup"):
        if name in properties and not _is_string(properties[name]):
            return f"{name} must be a string."
    attributes = properties.get("AttributePayload", {})
    if not isinstance(attributes, dict) or not all(map(_is_string, attributes.values())):
        return "AttributePayload must be a list of name-value pairs."
    groups = properties.get("ThingGroups", [])
    if not isinstance(groups, list) or not all(map(_is_string, groups)):
        return "ThingGroups must be a list of strings."
    return None


def _certificate_violation(properties: Mapping[str, Any]) -> str | None:
    allowed = {*_CERTIFICATE_METHODS, "CACertificatePem", "Status", "ThingPrincipalType"}
    if unknown := sorted(set(properties) - allowed):
        return f"Unknown certificate properties {unknown}."
    if sum(method in properties for method in _CERTIFICATE_METHODS) != 1:
        return f"Exactly one of {', '.join(_CERTIFICATE_METHODS)} must be specified."
    if "CACertificatePem" in properties and "CertificatePem" not in properties:
        return "CACertificatePem can only be specified with CertificatePem."
    if not all(map(_is_string, properties.values())):
        return "The properties of a certificate must be strings."
    if not _is_one_of(properties.get("Status", "ACTIVE"), ("ACTIVE", "INACTIVE")):
        return 'Status of a certificate must be either "ACTIVE" or "INACTIVE".'
    kinds = ("EXCLUSIVE_THING", "NON_EXCLUSIVE_THING")
    if not _is_one_of(properties.get("ThingPrincipalType", kinds[1]), kinds):
        return f"ThingPrincipalType must be one of {', '.join(kinds)}."
    return None


def _policy_violation(properties: Mapping[str, Any]) -> str | None:
    if unknown := sorted(set(properties) - {"PolicyName", "PolicyDocument"}):
        return f"Unknown policy properties {unknown}."
    name, document = properties.get("PolicyName"), properties.get("PolicyDocument")
    if not name and not document:
        return "Neither policyName nor policyDocument is present in the Template."
    if name and document:
        return "Both policyName and policyDocument are present in the Template."
    if not _is_string(name or document):
        return "PolicyName and PolicyDocument must be strings (the document an escaped one)."
    if isinstance(document, str):
        return policy_document_violation(document)
    return limits.POLICY_NAME.violation(name, "policyName") if isinstance(name, str) else None


def _override_violation(settings: Mapping[str, Any], allowed: tuple[str, ...]) -> str | None:
    for name, setting in settings.items():
        if name not in allowed:
            return f"OverrideSettings are not available for {name}."
        if setting not in _OVERRIDES or (setting == "MERGE" and name not in _MERGEABLE):
            return f"OverrideSettings of {name} cannot be {setting}."
    return None


def _is_string(value: object) -> bool:
    return isinstance(value, str) or is_reference(value)


def _is_one_of(value: object, allowed: tuple[str, ...]) -> bool:
    return is_reference(value) or (isinstance(value, str) and value.upper() in allowed)
