"""How long the templates get that the deployment makes of the user's, for devices that AWS has.

The deployment's own code makes them; tests/agreement holds the two together.
"""

from __future__ import annotations

import json

from thing_registration.checks.template.grammar import CERTIFICATE, THING

# The parameter that has the id of a device's certificate, in place of its CSR or PEM.
CERTIFICATE_ID_PARAMETER = "ThingRegistrationCertificateId"
_REPLACED = ("CertificateSigningRequest", "CertificatePem")
_SOURCES = (*_REPLACED, "CACertificatePem", "CertificateId", "CertificateID")
# By property of the thing: another spelling of its setting, and what is sent for it.
_OVERRIDE_SETTINGS = {
    "AttributePayload": ("ATTRIBUTE_PAYLOAD", "REPLACE"),
    "ThingTypeName": ("THING_TYPE_NAME", "REPLACE"),
    "ThingGroups": ("THING_GROUPS", "MERGE"),
}


def longest_derived(template: dict[str, object]) -> int:
    """Return the length of the longest template that may be made of this one, minified."""
    resources = template.get("Resources")
    if not isinstance(resources, dict):
        return 0
    overridden = {name: _with_override_settings(one) for name, one in resources.items()}
    changed = _length({**template, "Resources": overridden})
    known = {name: _with_certificate_id(one) for name, one in overridden.items()}
    if known == overridden:
        return changed
    declared = template.get("Parameters")
    parameters = {
        **(declared if isinstance(declared, dict) else {}),
        CERTIFICATE_ID_PARAMETER: {"Type": "String"},
    }
    return max(changed, _length({**template, "Parameters": parameters, "Resources": known}))


def _with_override_settings(resource: object) -> object:
    if not isinstance(resource, dict) or resource.get("Type") != THING:
        return resource
    stated, properties = resource.get("OverrideSettings"), resource.get("Properties")
    own = stated if isinstance(stated, dict) else {}
    settings = {
        name: setting
        for name, (spelling, setting) in _OVERRIDE_SETTINGS.items()
        if isinstance(properties, dict) and name in properties and spelling not in own
    }
    settings.update(own)
    return {**resource, "OverrideSettings": settings} if settings else resource


def _with_certificate_id(resource: object) -> object:
    if not isinstance(resource, dict) or resource.get("Type") != CERTIFICATE:
        return resource
    properties = resource.get("Properties")
    if not isinstance(properties, dict) or not properties.keys() & {*_REPLACED}:
        return resource
    kept = {name: value for name, value in properties.items() if name not in _SOURCES}
    by_id = {"CertificateId": {"Ref": CERTIFICATE_ID_PARAMETER}, **kept}
    return {**resource, "Properties": by_id}


def _length(template: dict[str, object]) -> int:
    return len(json.dumps(template, separators=(",", ":"), ensure_ascii=False))
