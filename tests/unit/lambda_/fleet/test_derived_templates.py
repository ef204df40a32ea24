"""The templates that are made of the user's."""

import json
from typing import Any

import pytest

from thing_registration_worker.fleet.derived_templates import (
    with_certificate_id,
    with_override_settings,
)
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.fleet.template import Template

TEMPLATE: dict[str, Any] = {
    "Parameters": {"Name": {"Type": "String"}, "CSR": {"Type": "String"}},
    "Resources": {
        "t": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}},
        "c": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"Status": "ACTIVE", "CertificateSigningRequest": {"Ref": "CSR"}},
            "OverrideSettings": {"Status": "REPLACE"},
        },
        "p": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": "größe"}},
    },
}


def test_the_certificate_comes_by_its_id_and_all_else_is_as_the_user_wrote_it() -> None:
    derived = json.loads(with_certificate_id(json.dumps(TEMPLATE, indent=2), "Id"))

    assert derived["Resources"]["c"] == {
        "Type": "AWS::IoT::Certificate",
        "Properties": {"CertificateId": {"Ref": "Id"}, "Status": "ACTIVE"},
        "OverrideSettings": {"Status": "REPLACE"},
    }
    assert derived["Parameters"] == {**TEMPLATE["Parameters"], "Id": {"Type": "String"}}
    assert {k: derived["Resources"][k] for k in "tp"} == {k: TEMPLATE["Resources"][k] for k in "tp"}


def test_a_given_certificate_goes_with_its_ca() -> None:
    pem = {"CertificatePem": {"Ref": "CSR"}, "CACertificatePem": "ca"}
    body = json.dumps(TEMPLATE).replace(
        json.dumps(TEMPLATE["Resources"]["c"]["Properties"]), json.dumps(pem)
    )

    derived = json.loads(with_certificate_id(body, "Id"))
    assert derived["Resources"]["c"]["Properties"] == {"CertificateId": {"Ref": "Id"}}


def test_a_derived_template_declares_the_same_devices() -> None:
    line = {"Name": "a", "CSR": "", "Id": "ab" * 32}
    status = json.dumps(TEMPLATE).replace("CertificateSigningRequest", "CertificateId")
    plain = Resolver(Template(status)).resolve(json.dumps({**line, "CSR": "cd" * 32}).encode())

    device = Resolver(Template(with_certificate_id(json.dumps(TEMPLATE), "Id"))).resolve(
        json.dumps(line).encode()
    )
    assert device.resources == plain.resources
    assert device.certificate_id == "ab" * 32


def test_a_reserved_parameter_that_is_declared_and_a_missing_certificate_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^CSR: a reserved parameter must not be declared"):
        with_certificate_id(json.dumps(TEMPLATE), "CSR")
    resources = {"t": TEMPLATE["Resources"]["t"]}
    with pytest.raises(ValueError, match="must have a certificate"):
        with_certificate_id(json.dumps({"Resources": resources}), "Id")


def test_the_settings_that_the_user_left_out_are_made_explicit() -> None:
    properties = {
        "ThingName": {"Ref": "Name"},
        "AttributePayload": {},
        "ThingTypeName": "type",
        "ThingGroups": [],
    }
    thing = {"Type": "AWS::IoT::Thing", "Properties": properties}
    template = {**TEMPLATE, "Resources": {**TEMPLATE["Resources"], "t": thing}}
    text = with_override_settings(json.dumps(template, indent=2))

    assert json.loads(text)["Resources"]["t"]["OverrideSettings"] == {
        "AttributePayload": "REPLACE",
        "ThingTypeName": "REPLACE",
        "ThingGroups": "MERGE",
    }
    assert json.loads(text)["Resources"]["c"] == TEMPLATE["Resources"]["c"]
    assert " " not in text
    assert "größe" in text


def test_the_settings_of_the_user_stay() -> None:
    own = {"AttributePayload": "FAIL", "ThingGroups": "DO_NOTHING"}
    thing = {**TEMPLATE["Resources"]["t"], "OverrideSettings": own}
    body = json.dumps({"Resources": {"t": thing}})

    derived = json.loads(with_override_settings(body))["Resources"]["t"]["OverrideSettings"]
    assert derived.items() >= own.items()


def test_what_the_template_does_not_mention_is_left_to_whoever_set_it() -> None:
    thing = {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": "a", "ThingGroups": ["g"]}}
    body = json.dumps({"Resources": {"t": thing}})

    derived = json.loads(with_override_settings(body))["Resources"]["t"]["OverrideSettings"]
    assert derived == {"ThingGroups": "MERGE"}
