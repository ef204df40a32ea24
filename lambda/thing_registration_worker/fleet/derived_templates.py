"""The templates that are made of the user's, for devices that AWS already has."""

import json
from typing import Any

from thing_registration_worker.fleet.template_resources import CERTIFICATE_SOURCES

# Other spellings of the same settings, in the page's prose.
_SPELLINGS = {
    "AttributePayload": "ATTRIBUTE_PAYLOAD",
    "ThingTypeName": "THING_TYPE_NAME",
    "ThingGroups": "THING_GROUPS",
}
# AWS documents no defaults. A device becomes what the template says; the groups that others have
# put it into are theirs.
_OVERRIDE_SETTINGS = {
    "AttributePayload": "REPLACE",
    "ThingTypeName": "REPLACE",
    "ThingGroups": "MERGE",
}


def with_certificate_id(template_body: str, parameter: str) -> str:
    """Return the template that attaches a certificate by its id, and makes or registers none.

    The rest of the template stays as the user wrote it. Parameters that nothing refers to any more
    stay declared, because the lines still have values for them.

    Args:
        template_body: the user's template.
        parameter: the parameter that will have the id; the template must not declare it.

    Raises:
        ValueError: the template declares the parameter, or has no certificate.
    """
    template = json.loads(template_body)
    parameters = template.get("Parameters", {})
    if parameter in parameters:
        raise ValueError(f"{parameter}: a reserved parameter must not be declared in a template")
    certificates = _of_type(template, "AWS::IoT::Certificate")
    if not certificates:
        raise ValueError("a template must have a certificate to be given its id, got none")
    for certificate in certificates:
        properties = certificate.get("Properties", {})
        certificate["Properties"] = {
            "CertificateId": {"Ref": parameter},
            **{name: properties[name] for name in properties if name not in CERTIFICATE_SOURCES},
        }
    template["Parameters"] = {**parameters, parameter: {"Type": "String"}}
    return _minified(template)


def with_override_settings(template_body: str) -> str:
    """Return the template with those OverrideSettings of the thing that the user left out.

    What the template does not mention is left to whoever set it.

    https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
    """
    template = json.loads(template_body)
    for thing in _of_type(template, "AWS::IoT::Thing"):
        own = thing.get("OverrideSettings", {})
        settings = {
            name: setting
            for name, setting in _OVERRIDE_SETTINGS.items()
            if name in thing.get("Properties", {}) and _SPELLINGS[name] not in own
        }
        settings.update(own)
        if settings:
            thing["OverrideSettings"] = settings
    return _minified(template)


def _of_type(template: dict[str, Any], resource_type: str) -> list[dict[str, Any]]:
    resources = template["Resources"].values()
    return [resource for resource in resources if resource.get("Type") == resource_type]


def _minified(template: dict[str, Any]) -> str:
    """Return the shortest JSON text: AWS limits a template to 10,240 characters."""
    return json.dumps(template, separators=(",", ":"), ensure_ascii=False)
