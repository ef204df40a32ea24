"""The Lambda's calls to the registry, answered by the local AWS."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.local.fleet import Fleet, new_csr, register, signed_csr, template
from thing_registration_worker.aws import registry
from thing_registration_worker.aws.registry import ListedCertificate
from thing_registration_worker.fleet.prerequisite_names import PrerequisiteNames
from thing_registration_worker.fleet.public_keys import (
    certificate_id,
    key_of_certificate,
    key_of_csr,
)
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.fleet.template import Template
from thing_registration_worker.registry.found_device import Found, look_up
from thing_registration_worker.run.prerequisites import Piece, create, missing

pytestmark = pytest.mark.slow
CSR = {"CertificateSigningRequest": {"Ref": "CSR"}}
PEM = {"CertificatePem": {"Ref": "CertificatePem"}}
DOCUMENT = {"Version": "2012-10-17", "Statement": []}
LATER = float("inf")


def found(fleet: Fleet, body: Any, **line: str) -> Found:
    """What the registry says about a line."""
    device = Resolver(Template(json.dumps(body))).resolve(json.dumps(line).encode())
    return look_up(fleet.iot, device)


def registered(fleet: Fleet, name: str, csr: str) -> str:
    """Register a device and return its certificate's id."""
    arns = register(fleet, template(certificate=CSR), ThingName=name, CSR=csr)["resourceArns"]
    return str(arns["certificate"]).rpartition("/")[2]


def listed_certificates(fleet: Fleet) -> list[ListedCertificate]:
    """All certificates, page by page."""
    page = registry.certificate_page(fleet.iot)
    found = list(page.certificates)
    while page.marker:
        page = registry.certificate_page(fleet.iot, page.marker)
        found += page.certificates
    return found


def test_a_device_that_was_never_registered_is_not_found(fleet: Fleet, name: str) -> None:
    csr = new_csr()

    assert found(fleet, template(certificate=CSR), ThingName=name, CSR=csr) == Found(False)


def test_the_certificate_that_aws_made_of_a_key_is_found(fleet: Fleet, name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    other = registered(fleet, name, new_csr())
    made = registered(fleet, name, signed_csr(key, "before"))

    answer = found(fleet, template(certificate=CSR), ThingName=name, CSR=signed_csr(key, "anew"))

    assert answer.certificate is not None
    assert (answer.certificate.certificate_id, answer.certificate.status) == (made, "ACTIVE")
    assert answer.other_certificate_ids == (other,)
    assert time.time() - 60 < answer.certificate.created_at <= time.time() + 1


def test_a_new_key_of_a_thing_is_not_found(fleet: Fleet, name: str) -> None:
    before = registered(fleet, name, new_csr())

    answer = found(fleet, template(certificate=CSR), ThingName=name, CSR=new_csr())

    assert answer == Found(True, None, (before,))


def test_a_deactivated_certificate_is_found_with_its_status(fleet: Fleet, name: str) -> None:
    csr = new_csr()
    made = registered(fleet, name, csr)
    fleet.iot.update_certificate(certificateId=made, newStatus="INACTIVE")

    answer = found(fleet, template(certificate=CSR), ThingName=name, CSR=csr)

    assert answer.certificate is not None
    assert not answer.certificate.is_active
    listed = {one.certificate_id: one.status for one in listed_certificates(fleet)}
    assert listed[made] == "INACTIVE"


def test_a_certificate_given_as_pem_is_found_by_its_id(fleet: Fleet, name: str) -> None:
    csr = new_csr()
    made = registered(fleet, name, csr)
    pem = fleet.iot.describe_certificate(certificateId=made)["certificateDescription"][
        "certificatePem"
    ]

    answer = found(fleet, template(certificate=PEM), ThingName=f"{name}-b", CertificatePem=pem)

    assert certificate_id(pem) == made
    assert not answer.thing_exists
    assert answer.certificate is not None
    assert answer.certificate.certificate_id == made
    assert key_of_certificate(answer.certificate.pem) == key_of_csr(csr)


def test_certificates_are_listed_with_when_they_were_made(fleet: Fleet, name: str) -> None:
    before = time.time()
    made = {registered(fleet, f"{name}-{number}", new_csr()) for number in range(3)}

    ages = {one.certificate_id: one.created_at for one in listed_certificates(fleet)}
    assert made <= ages.keys()
    assert all(before - 1 <= ages[one] <= time.time() + 1 for one in made)


def test_a_thing_has_what_it_was_registered_with(fleet: Fleet, name: str) -> None:
    fleet.iot.create_thing_type(thingTypeName=name)
    fleet.iot.create_billing_group(billingGroupName=name)
    body = template(
        AttributePayload={"place": "roof"}, ThingTypeName=name, BillingGroup=name, ThingGroups=[]
    )
    register(fleet, body, ThingName=name)

    thing = registry.describe_thing(fleet.iot, name)

    assert thing == registry.Thing(name, {"place": "roof"}, name, name)


def test_what_is_missing_is_missing_until_it_is_created(fleet: Fleet, name: str) -> None:
    names = PrerequisiteNames((name,), (name,), (name,), (name,))

    before = missing(fleet.iot, names, LATER)
    made = create(fleet.iot, names, {"*": DOCUMENT}, LATER)
    again = create(fleet.iot, names, {"*": DOCUMENT}, LATER)
    after = missing(fleet.iot, names, LATER)

    assert len(before.problems) == 4
    assert made == again == after == Piece(4, (), ())
    assert json.loads(fleet.iot.get_policy(policyName=name)["policyDocument"]) == DOCUMENT


def test_another_document_and_a_deprecated_type_are_said(fleet: Fleet, name: str) -> None:
    fleet.iot.create_thing_type(thingTypeName=name)
    fleet.iot.deprecate_thing_type(thingTypeName=name)
    fleet.iot.create_policy(policyName=name, policyDocument=json.dumps(DOCUMENT))
    names = PrerequisiteNames(thing_types=(name,), policies=(name,))

    piece = create(fleet.iot, names, {name: {**DOCUMENT, "Id": "other"}}, LATER)

    assert piece.problems == (f"thing type {name!r} is deprecated",)
    assert piece.notes == (f"policy {name!r} exists with another document, and is left as it is",)
    assert json.loads(fleet.iot.get_policy(policyName=name)["policyDocument"]) == DOCUMENT
