"""A provisioning template, parsed once.

https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
"""

import json
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, Literal

from thing_registration_worker.fleet.derived_templates import (
    with_certificate_id,
    with_override_settings,
)
from thing_registration_worker.fleet.template_resources import properties_of, referred_parameter

CertificateKind = Literal["csr", "pem", "id", "none"]
ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"
#: The parameter that gives the ids of certificates that AWS has already.
CERTIFICATE_ID = "ThingRegistrationCertificateId"


class Template:
    """A template that was checked: its only function is `Ref`.

    Args:
        body: its JSON.
    """

    def __init__(self, body: str) -> None:
        self.body = body
        self._document: Mapping[str, Any] = json.loads(body)

    @property
    def resources(self) -> Mapping[str, Any]:
        """Its resources, by logical id."""
        resources: Mapping[str, Any] = self._document["Resources"]
        return resources

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What it declares of each parameter."""
        parameters: Mapping[str, Any] = self._document.get("Parameters", {})
        return parameters

    @property
    def thing_name(self) -> Any:
        """The thing's name: a text or a `Ref`."""
        return properties_of(self.resources, "AWS::IoT::Thing").get("ThingName")

    @cached_property
    def certificate_properties(self) -> Mapping[str, Any]:
        """The properties of the certificate; none where it declares none."""
        return properties_of(self.resources, "AWS::IoT::Certificate")

    @property
    def certificate(self) -> CertificateKind:
        """Where the certificate of every device comes from."""
        properties = self.certificate_properties
        if "CertificateSigningRequest" in properties:
            return "csr"
        if "CertificatePem" in properties:
            return "pem"
        has_id = properties.keys() & {"CertificateId", "CertificateID"}
        return "id" if has_id else "none"

    @property
    def is_exclusive(self) -> bool:
        """Whether AWS attaches each certificate to one thing only."""
        return self.certificate_properties.get("ThingPrincipalType") == "EXCLUSIVE_THING"

    def certificate_status(self, line: bytes) -> str:
        """Return the status, ACTIVE or INACTIVE, that a line asks for its certificate."""
        status = self.certificate_properties.get("Status", ACTIVE)
        parameter = referred_parameter(status)
        if parameter is not None:
            default = self.parameters.get(parameter, {}).get("Default", ACTIVE)
            status = json.loads(line).get(parameter, default)
        return INACTIVE if str(status).upper() == INACTIVE else ACTIVE

    @cached_property
    def for_new(self) -> str:
        """The template for lines whose certificates AWS does not have.

        AWS documents no default for OverrideSettings, so they are always sent.
        """
        return with_override_settings(self.body)

    @cached_property
    def for_known(self) -> str:
        """The template for lines that give the ids of certificates in place of CSR or PEM."""
        return with_override_settings(with_certificate_id(self.body, CERTIFICATE_ID))


@lru_cache(maxsize=4)
def template(body: str) -> Template:
    """Return the template of a body."""
    return Template(body)
