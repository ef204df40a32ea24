"""Look into the resources of a provisioning template.

https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
"""

from collections.abc import Mapping
from typing import Any

#: The properties that say where a certificate comes from.
CERTIFICATE_SOURCES = (
    "CertificateSigningRequest",
    "CertificatePem",
    "CACertificatePem",
    "CertificateId",
    "CertificateID",
)


def properties_of(resources: Mapping[str, Any], resource_type: str) -> Mapping[str, Any]:
    """Return the properties of the first resource of a type; none where there is no such."""
    for resource in resources.values():
        if resource.get("Type") == resource_type:
            properties: Mapping[str, Any] = resource.get("Properties", {})
            return properties
    return {}


def referred_parameter(value: Any) -> str | None:
    """Return the parameter that a `Ref` names; None for any other value."""
    if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("Ref"), str):
        return str(value["Ref"])
    return None
