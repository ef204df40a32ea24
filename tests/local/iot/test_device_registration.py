"""What a line makes in the registry."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.local.fleet import (
    THING_TEMPLATE,
    Fleet,
    new_csr,
    register,
    signed_csr,
    template,
)
from tests.unit.constructs.cases import forged
from tests.weak_csr import sha1_csr

pytestmark = pytest.mark.slow
DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"}],
    }
)


CSR = {"CertificateSigningRequest": {"Ref": "CSR"}}


def test_a_certificate_is_for_the_key_of_its_csr(fleet: Fleet, name: str) -> None:
    csr = new_csr(name)

    made = register(fleet, template(certificate=CSR), ThingName=name, CSR=csr)

    certificate = x509.load_pem_x509_certificate(made["certificatePem"].encode())
    assert certificate.public_key() == x509.load_pem_x509_csr(csr.encode()).public_key()
    assert certificate.subject == x509.load_pem_x509_csr(csr.encode()).subject
    described = fleet.iot.describe_certificate(
        certificateId=made["resourceArns"]["certificate"].rpartition("/")[2]
    )["certificateDescription"]
    assert described["status"] == "ACTIVE"


def test_the_same_csr_again_is_another_certificate(fleet: Fleet, name: str) -> None:
    csr = new_csr()
    body = template(certificate={**CSR, "Status": "INACTIVE"})

    arns = {
        register(fleet, body, ThingName=name, CSR=csr)["resourceArns"]["certificate"]
        for _ in range(2)
    }

    assert len(arns) == 2
    assert set(fleet.iot.list_thing_principals(thingName=name)["principals"]) == arns


@pytest.mark.parametrize(
    ("key", "accepted"),
    [
        (rsa.generate_private_key(65537, 2048), True),
        (ec.generate_private_key(ec.SECP384R1()), True),
        (ec.generate_private_key(ec.SECP521R1()), True),
        (rsa.generate_private_key(65537, 1024), False),
        (ec.generate_private_key(ec.SECP256K1()), False),
    ],
)
def test_keys_of_some_kinds_only(fleet: Fleet, name: str, key: Any, accepted: bool) -> None:
    task = fleet.run([{"ThingName": name, "CSR": signed_csr(key)}], template(certificate=CSR))

    assert task["successCount"] == accepted


def test_a_csr_that_is_signed_with_sha1_is_accepted(fleet: Fleet, name: str) -> None:
    csr = sha1_csr()

    made = register(fleet, template(certificate=CSR), ThingName=name, CSR=csr)

    certificate = x509.load_pem_x509_certificate(made["certificatePem"].encode())
    assert certificate.public_key() == x509.load_pem_x509_csr(csr.encode()).public_key()


def test_a_csr_that_was_changed_is_refused(fleet: Fleet, name: str) -> None:
    with pytest.raises(ClientError, match="CSR violates constraints"):
        register(fleet, template(certificate=CSR), ThingName=name, CSR=forged())


def test_a_policy_document_becomes_one_policy_for_all(fleet: Fleet) -> None:
    body = template(certificate=CSR, policy={"PolicyDocument": DOCUMENT})

    names = {
        register(fleet, body, ThingName=thing, CSR=new_csr())["resourceArns"]["policy"]
        for thing in ("shares-1", "shares-2")
    }

    assert len(names) == 1
    policy = fleet.iot.get_policy(policyName=names.pop().rpartition("/")[2])
    assert policy["policyDocument"] == DOCUMENT


def test_a_named_policy_must_exist(fleet: Fleet, name: str) -> None:
    body = template(certificate=CSR, policy={"PolicyName": "by-name"})
    with pytest.raises(ClientError, match="Policy default version not found"):
        register(fleet, body, ThingName=name, CSR=new_csr())
    assert name not in things(fleet)

    fleet.iot.create_policy(policyName="by-name", policyDocument=DOCUMENT)
    made = register(fleet, body, ThingName=name, CSR=new_csr())
    assert made["resourceArns"]["policy"].endswith(":policy/by-name")


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({"ThingTypeName": "no-such-type"}, "Thing type not found."),
        ({"ThingGroups": ["no-such-group"]}, "no-such-group not found"),
        ({"BillingGroup": "no-such-group"}, "no-such-group not found"),
    ],
)
def test_what_a_thing_leans_on_must_exist(
    fleet: Fleet, name: str, properties: dict[str, Any], told: str
) -> None:
    error = fleet.error_of({"ThingName": name}, template(**properties))

    assert error["errorCode"] == "ResourceRegistrationFailureException"
    assert told in error["errorMessage"]
    assert name not in things(fleet)


def test_a_certificate_that_exists_is_attached(fleet: Fleet, name: str) -> None:
    keys = fleet.iot.create_keys_and_certificate(setAsActive=False)
    by_id = {"CertificateId": {"Ref": "CertificateId"}, "Status": "ACTIVE"}
    values = {"ThingName": name, "CertificateId": keys["certificateId"]}
    with pytest.raises(ClientError, match="ResourceConflictsException"):
        register(fleet, template(certificate=by_id), **values)

    body = template(certificate=by_id, certificate_overrides={"Status": "REPLACE"})
    register(fleet, body, **values)

    principals = fleet.iot.list_thing_principals(thingName=name)["principals"]
    assert principals == [keys["certificateArn"]]
    described = fleet.iot.describe_certificate(certificateId=keys["certificateId"])
    assert described["certificateDescription"]["status"] == "ACTIVE"


def test_a_certificate_from_elsewhere_is_registered(fleet: Fleet, name: str) -> None:
    made = register(fleet, template(certificate=CSR), ThingName="issuer", CSR=new_csr())
    old = made["resourceArns"]["certificate"].rpartition("/")[2]
    fleet.iot.detach_thing_principal(
        thingName="issuer", principal=made["resourceArns"]["certificate"]
    )
    fleet.iot.update_certificate(certificateId=old, newStatus="INACTIVE")
    fleet.iot.delete_certificate(certificateId=old)

    again = register(
        fleet,
        template(certificate={"CertificatePem": {"Ref": "CertificatePem"}}),
        ThingName=name,
        CertificatePem=made["certificatePem"],
    )

    assert again["resourceArns"]["certificate"].rpartition("/")[2] == old


def test_a_bad_template_is_refused_by_register_thing_too(fleet: Fleet) -> None:
    with pytest.raises(fleet.iot.exceptions.InvalidRequestException, match="JSON not well-formed"):
        fleet.iot.register_thing(templateBody="''", parameters={})
    with pytest.raises(fleet.iot.exceptions.ResourceRegistrationFailureException):
        register(fleet, THING_TEMPLATE)


def things(fleet: Fleet) -> set[str]:
    return {thing["thingName"] for thing in fleet.iot.list_things()["things"]}


def test_a_deprecated_thing_type_takes_no_new_things(fleet: Fleet, name: str) -> None:
    thing_type = f"type-{name}"
    fleet.iot.create_thing_type(thingTypeName=thing_type)
    body = template(ThingTypeName=thing_type)
    register(fleet, body, ThingName=name)
    fleet.iot.deprecate_thing_type(thingTypeName=thing_type)

    error = fleet.error_of({"ThingName": f"{name}-new"}, body)
    register(fleet, body, ThingName=name)

    assert f"deprecated thing type:{thing_type}" in error["errorMessage"]
