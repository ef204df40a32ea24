"""A provisioning template, parsed once."""

import json
from typing import Any

import pytest

from thing_registration_worker.fleet.template import CERTIFICATE_ID, Template, template

PARAMETERS: dict[str, Any] = {
    "Name": {"Type": "String"},
    "CSR": {"Type": "String"},
    "Status": {"Type": "String", "Default": "INACTIVE"},
    "Unused": {"Type": "String"},
}


def made(parameters: dict[str, Any] | None = None, **certificate: Any) -> Template:
    resources: dict[str, Any] = {
        "t": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}},
        "c": {"Type": "AWS::IoT::Certificate", "Properties": certificate},
    }
    if not certificate:
        del resources["c"]
    return Template(json.dumps({"Parameters": parameters or PARAMETERS, "Resources": resources}))


@pytest.mark.parametrize(
    ("certificate", "kind"),
    [
        ({"CertificateSigningRequest": {"Ref": "CSR"}}, "csr"),
        ({"CertificatePem": {"Ref": "CSR"}, "CACertificatePem": "ca"}, "pem"),
        ({"CertificateId": {"Ref": "CSR"}}, "id"),
        ({"CertificateID": {"Ref": "CSR"}}, "id"),
        ({"Status": "ACTIVE"}, "none"),
        ({}, "none"),
    ],
)
def test_a_certificate_comes_from_one_source(certificate: dict[str, Any], kind: str) -> None:
    assert made(**certificate).certificate == kind


def test_the_thing_has_a_name_that_is_a_text_or_a_parameter() -> None:
    assert made().thing_name == {"Ref": "Name"}
    assert Template('{"Resources": {}}').thing_name is None


@pytest.mark.parametrize(
    ("status", "line", "expected"),
    [
        (None, {}, "ACTIVE"),
        ("INACTIVE", {}, "INACTIVE"),
        ("Inactive", {}, "INACTIVE"),
        ("PENDING_ACTIVATION", {}, "ACTIVE"),
        ({"Ref": "Status"}, {}, "INACTIVE"),
        ({"Ref": "Status"}, {"Status": "ACTIVE"}, "ACTIVE"),
        ({"Ref": "Status"}, {"Status": "inactive"}, "INACTIVE"),
        ({"Ref": "Unused"}, {}, "ACTIVE"),
        ({"Ref": "Unused"}, {"Unused": "INACTIVE"}, "INACTIVE"),
    ],
)
def test_a_line_asks_for_a_status(status: Any, line: dict[str, str], expected: str) -> None:
    source = {"CertificateSigningRequest": {"Ref": "CSR"}}
    body = made(**source) if status is None else made(**source, Status=status)

    assert body.certificate_status(json.dumps(line).encode()) == expected


@pytest.mark.parametrize(("kind", "is_exclusive"), [("EXCLUSIVE_THING", True), ("", False)])
def test_a_certificate_may_be_one_things_only(kind: str, is_exclusive: bool) -> None:
    assert made(CertificateId="x", ThingPrincipalType=kind).is_exclusive is is_exclusive


def test_new_lines_are_sent_with_the_users_template_and_its_settings_made_explicit() -> None:
    body = json.loads(made(CertificateSigningRequest={"Ref": "CSR"}).for_new)

    assert body["Resources"]["c"]["Properties"] == {"CertificateSigningRequest": {"Ref": "CSR"}}
    assert body["Parameters"] == PARAMETERS


def test_known_lines_give_the_id_of_their_certificate() -> None:
    body = json.loads(made(CertificateSigningRequest={"Ref": "CSR"}).for_known)

    assert body["Resources"]["c"]["Properties"] == {"CertificateId": {"Ref": CERTIFICATE_ID}}
    assert body["Parameters"][CERTIFICATE_ID] == {"Type": "String"}


def test_both_templates_make_the_overriding_of_attributes_explicit() -> None:
    resources = {
        "t": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": "a", "AttributePayload": {}}},
        "c": {"Type": "AWS::IoT::Certificate", "Properties": {"CertificateSigningRequest": "x"}},
    }
    body = Template(json.dumps({"Resources": resources}))

    for derived in (body.for_new, body.for_known):
        settings = json.loads(derived)["Resources"]["t"]["OverrideSettings"]
        assert settings == {"AttributePayload": "REPLACE"}


def test_a_body_is_parsed_once() -> None:
    body = made().body

    assert template(body) is template(body)
