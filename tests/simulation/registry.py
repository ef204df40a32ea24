"""What AWS IoT has in the end: things, and certificates by their public keys."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.config import Config
from cryptography import x509

from tests.simulation.aws import Aws
from tests.simulation.devices import public_key


@dataclass(frozen=True)
class Certificate:
    """A certificate of the account; its key never changes, its status may."""

    certificate_id: str
    status: str
    made: datetime
    key: bytes


class Registry:
    """Reads the registry, patiently: faults and throttling strike a test's own calls as well."""

    def __init__(self, aws: Aws) -> None:
        patient = Config(retries={"mode": "standard", "total_max_attempts": 15})
        self._iot = aws.client("iot", config=patient)
        self._keys: dict[str, bytes] = {}

    def certificates(self) -> list[Certificate]:
        """Return all certificates of the account, those of no thing too."""
        pages = self._iot.get_paginator("list_certificates").paginate()
        return [
            Certificate(
                listed["certificateId"],
                listed["status"],
                listed["creationDate"],
                self._key(listed["certificateId"]),
            )
            for page in pages
            for listed in page["certificates"]
        ]

    def certificate_ids(self) -> dict[bytes, list[str]]:
        """Return the ids of the certificates by public key."""
        found: dict[bytes, list[str]] = defaultdict(list)
        for certificate in self.certificates():
            found[certificate.key].append(certificate.certificate_id)
        return dict(found)

    def statuses(self) -> dict[str, str]:
        """Return the status of each certificate by its id."""
        return {each.certificate_id: each.status for each in self.certificates()}

    def things(self) -> dict[str, dict[str, str]]:
        """Return the attributes of each thing."""
        pages = self._iot.get_paginator("list_things").paginate()
        return {
            thing["thingName"]: thing["attributes"] for page in pages for thing in page["things"]
        }

    def certificates_of(self, thing_name: str) -> list[str]:
        """Return the ids of the certificates that a thing has."""
        principals = self._iot.list_thing_principals(thingName=thing_name)["principals"]
        return [principal.rpartition("/")[2] for principal in principals]

    def certificate_of(self, thing_name: str) -> str:
        """Return the id of the only certificate of a thing."""
        (certificate_id,) = self.certificates_of(thing_name)
        return certificate_id

    def set_status(self, certificate_id: str, status: str) -> None:
        """Do by hand what a person does to a certificate."""
        self._iot.update_certificate(certificateId=certificate_id, newStatus=status)

    def _key(self, certificate_id: str) -> bytes:
        if certificate_id not in self._keys:
            described: dict[str, Any] = self._iot.describe_certificate(certificateId=certificate_id)
            pem = described["certificateDescription"]["certificatePem"]
            self._keys[certificate_id] = public_key(x509.load_pem_x509_certificate(pem.encode()))
        return self._keys[certificate_id]
