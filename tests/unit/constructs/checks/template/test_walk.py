"""A template is read as AWS gets it."""

from __future__ import annotations

import json

import pytest

from tests.unit.constructs.cases import (
    POLICY,
    csr,
    long_policy,
    thing,
    with_certificate,
    with_policy,
)
from thing_registration import (
    ProvisioningTemplate,
)


def test_a_policy_document_that_is_an_object_is_sent_as_a_string_and_this_is_said() -> None:
    template = ProvisioningTemplate.from_object(with_policy(PolicyDocument=json.loads(POLICY)))

    body = json.loads(template.reading.body or "")

    document = body["Resources"]["policy"]["Properties"]["PolicyDocument"]
    assert json.loads(document) == json.loads(POLICY)
    assert template.reading.problems == ()
    assert template.reading.rewrites == (
        "template: Resources.policy.Properties.PolicyDocument: the object is sent as a JSON "
        "string, which bulk registration needs",
    )


def test_white_space_of_a_policy_document_does_not_count() -> None:
    document = json.dumps(json.loads(long_policy(2_048)), indent=8) + " " * 100

    assert (
        ProvisioningTemplate.from_object(with_policy(PolicyDocument=document)).reading.problems
        == ()
    )


def test_the_length_is_that_of_the_minified_body() -> None:
    spacious = json.dumps(thing()) + " " * 20_000

    assert ProvisioningTemplate.from_string(spacious).reading.problems == ()


def csr_template(thing_name: object, **parameters: object) -> ProvisioningTemplate:
    """Return a template with a CSR whose thing has this name."""
    template = json.loads(json.dumps(with_certificate(CertificateSigningRequest={"Ref": "CSR"})))
    template["Parameters"] |= parameters
    template["Resources"]["thing"]["Properties"] = {"ThingName": thing_name}
    return ProvisioningTemplate.from_object(template)


@pytest.mark.parametrize(
    "thing_name",
    [
        "sensor",
        {"Fn::Sub": "sensor-${ThingName}"},
        {"Fn::Join": ["-", ["sensor", {"Ref": "ThingName"}]]},
        {"Ref": "certificate"},
        7,
        None,
    ],
)
def test_a_csr_needs_a_thing_name_that_is_one_ref(thing_name: object) -> None:
    template = csr_template(thing_name)

    (problem,) = (one for one in template.reading.problems if one.rule == "csr-thing-name")

    assert problem.severity == "error"
    assert problem.field == "Resources.thing.Properties.ThingName"


def test_a_thing_name_that_is_a_ref_to_a_parameter_is_enough_for_a_csr() -> None:
    assert csr_template({"Ref": "ThingName"}).reading.problems == ()


def test_a_ref_to_nothing_is_reported_once() -> None:
    template = csr_template({"Ref": "Name"})

    rules = [one.rule for one in template.reading.problems if one.severity == "error"]

    assert rules == ["ref-undeclared"]


@pytest.mark.parametrize(
    ("resources", "path"),
    [
        ({}, "Resources"),
        ({"t": {"Type": "AWS::IoT::Thing", "Properties": {}}}, "Resources.t.Properties"),
        ({"t": {"Type": "AWS::IoT::Thing"}}, "Resources.t.Properties"),
    ],
)
def test_a_csr_without_any_thing_name_is_an_error(resources: dict[str, object], path: str) -> None:
    certificate = {
        "Type": "AWS::IoT::Certificate",
        "Properties": {"CertificateSigningRequest": csr()},
    }
    template = ProvisioningTemplate.from_object({"Resources": {"c": certificate, **resources}})

    found = [one for one in template.reading.problems if one.rule == "csr-thing-name"]

    assert [one.field for one in found] == [path]


@pytest.mark.parametrize("source", ["CertificateId", "CertificatePem"])
def test_a_name_in_the_template_is_no_error_without_a_csr(source: str) -> None:
    template = json.loads(json.dumps(with_certificate(**{source: {"Ref": "Value"}})))
    template["Resources"]["thing"]["Properties"]["ThingName"] = "sensor"

    problems = ProvisioningTemplate.from_object(template).reading.problems

    assert [problem.rule for problem in problems] == ["parameter-unused"]


@pytest.mark.parametrize("resources", [None, [], {"thing": None}, {"c": {"Type": "x"}}])
def test_a_template_without_proper_resources_is_reported_and_raises_nothing(
    resources: object,
) -> None:
    template = ProvisioningTemplate.from_object({"Resources": resources})

    assert any(problem.severity == "error" for problem in template.reading.problems)


@pytest.mark.parametrize(
    ("properties", "place", "allowed"),
    [
        (
            {"ThingGroups": {"Ref": "Groups"}},
            "ThingGroups",
            'is {"Ref": "Groups"}: must be a list such as [{"Ref": "Groups"}]',
        ),
        (
            {"AttributePayload": {"Ref": "Attributes"}},
            "AttributePayload",
            'is {"Ref": "Attributes"}: must be an object such as {"name": {"Ref": "Attributes"}}',
        ),
        (
            {"AttributePayload": {"Attributes": {"a": "b"}}},
            "AttributePayload.Attributes",
            'is {"a": "b"}: must be a string: attributes are a flat map, so move the pairs up',
        ),
    ],
)
def test_a_wrong_shape_is_one_error_and_says_the_right_one(
    properties: dict[str, object], place: str, allowed: str
) -> None:
    template = ProvisioningTemplate.from_object(thing(**properties), source="t.json")

    assert list(map(str, template.reading.problems)) == [
        f"t.json: Resources.thing.Properties.{place}: {allowed}"
    ]
