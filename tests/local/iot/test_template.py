"""Templates are checked when a task is started."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.iot.errors import ServiceError
from local.iot.template import parse_template

DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}],
    }
)
WORDS = st.sampled_from(
    ["Parameters", "Resources", "Type", "AWS::IoT::Thing", "Properties", "ThingName", "Ref", "x"]
)
JSON: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | WORDS
TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "ThingName": {"Type": "String"},
        "CSR": {"Type": "String"},
        "Location": {"Type": "String", "Default": "WA"},
    },
    "Resources": {
        "thing": {
            "Type": "AWS::IoT::Thing",
            "Properties": {
                "ThingName": {"Ref": "ThingName"},
                "AttributePayload": {"version": "v1", "location": {"Ref": "Location"}},
                "ThingTypeName": "lamp",
                "ThingGroups": ["lamps", {"Ref": "Location"}],
            },
            "OverrideSettings": {"AttributePayload": "MERGE", "ThingTypeName": "REPLACE"},
        },
        "certificate": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}, "Status": "ACTIVE"},
        },
        "policy": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyDocument": DOCUMENT}},
    },
}


def nest(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values) | st.dictionaries(WORDS, values)


def changed(path: str, value: object) -> str:
    """The template with one value set; None removes it."""
    template = copy.deepcopy(TEMPLATE)
    *parents, last = path.split(".")
    place = template
    for parent in parents:
        place = place[parent]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(template)


def refusal(body: str) -> str:
    with pytest.raises(ServiceError) as raised:
        parse_template(body)
    assert raised.value.code == "InvalidRequestException"
    assert raised.value.message.startswith("Invalid registration template. ")
    return raised.value.message


def test_the_example_of_the_developer_guide_is_valid() -> None:
    template = parse_template(json.dumps(TEMPLATE))

    assert dict(template.parameters) == {"ThingName": None, "CSR": None, "Location": "WA"}
    assert [resource.logical_id for resource in template.resources] == [
        "thing",
        "certificate",
        "policy",
    ]


def test_the_representation_of_a_python_dict_is_no_template() -> None:
    assert "Template format error: JSON not well-formed." in refusal(str(TEMPLATE))


def test_any_text_is_a_template_or_is_refused() -> None:
    @given(st.text() | st.recursive(JSON, nest).map(json.dumps))
    def parse(body: str) -> None:
        with contextlib.suppress(ServiceError):
            parse_template(body)

    parse()
    assert "well-formed" in refusal("[" * 10240)


def test_a_policy_without_name_and_document_is_refused_in_awss_words() -> None:
    message = refusal(changed("Resources.policy.Properties", {}))

    assert "Neither policyName nor policyDocument is present in the Template." in message


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("Resources", None, "At least one Resources member"),
        ("Mappings", {}, "Mappings"),
        ("Parameters.ThingName", None, "ThingName"),
        ("Parameters.CSR.Type", "Number", "CSR"),
        ("Parameters.CSR.Default", 7, "CSR"),
        ("Resources.thing.Type", "AWS::IoT::Robot", "AWS::IoT::Robot"),
        ("Resources.thing.Properties", None, "Properties"),
        ("Resources.thing.Properties.ThingName", None, "ThingName"),
        ("Resources.thing.Properties.ThingName", {"Foo": "bar"}, "ThingName"),
        ("Resources.thing.Properties.AttributePayload", {"a": {"b": "c"}}, "AttributePayload"),
        ("Resources.thing.Properties.ThingName", {"Fn::Join": ["", []]}, "Fn::Join"),
        ("Resources.thing.Properties.AttributePayload", {"a": {"b": "c", "d": "e"}}, "Attribute"),
        ("Resources.thing.Properties.AttributePayload", {"a": 1}, "AttributePayload"),
        ("Resources.thing.Properties.ThingGroups", "lamps", "ThingGroups"),
        ("Resources.thing.Properties.Colour", "red", "Colour"),
        ("Resources.thing.DependsOn", "policy", "DependsOn"),
        ("Resources.thing.OverrideSettings", {"ThingTypeName": "MERGE"}, "MERGE"),
        ("Resources.thing.OverrideSettings", {"ATTRIBUTE_PAYLOAD": "MERGE"}, "ATTRIBUTE_PAYLOAD"),
        ("Resources.thing.OverrideSettings", {"ThingGroups": "KEEP"}, "KEEP"),
        ("Resources.policy.OverrideSettings", {"PolicyName": "REPLACE"}, "PolicyName"),
        ("Resources.certificate.Properties.CertificateId", "x", "Exactly one of"),
        ("Resources.certificate.Properties.CertificateSigningRequest", None, "Exactly one of"),
        ("Resources.certificate.Properties.CACertificatePem", "x", "CACertificatePem"),
        ("Resources.certificate.Properties.Status", "REVOKED", "Status"),
        ("Resources.certificate.Properties.ThingPrincipalType", "ALL", "ThingPrincipalType"),
        ("Resources.policy.Properties.PolicyName", "also-a-name", "Both policyName"),
        (
            "Resources.policy.Properties.PolicyDocument",
            {"Version": "2012-10-17", "b": 1},
            "escaped",
        ),
        ("Resources.policy.Properties.PolicyDocument", "{", "Malformed"),
        ("Resources.policy.Properties", {"PolicyName": "a b"}, "policyName"),
        ("Resources.second", TEMPLATE["Resources"]["thing"], "Only one AWS::IoT::Thing"),
    ],
)
def test_a_mistake_is_refused_and_named(path: str, value: object, told: str) -> None:
    assert told in refusal(changed(path, value))


def test_a_policy_document_may_have_2048_characters_without_white_space() -> None:
    padding = 2048 - len("".join(DOCUMENT.split()))
    fits = DOCUMENT.replace("iot:*", "iot:*" + "a" * padding) + " " * 500

    parse_template(changed("Resources.policy.Properties.PolicyDocument", fits))
    message = refusal(
        changed("Resources.policy.Properties.PolicyDocument", fits.replace("iot:*", "iot:*a"))
    )

    assert "2049" in message
