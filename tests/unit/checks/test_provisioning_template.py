"""A provisioning template is read without judging, and sent as AWS wants it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_iot as iot

from thing_registration import InputFile, InvalidDeclaration, PrerequisiteNames
from thing_registration.checks.check import check
from thing_registration.provisioning_template import ProvisioningTemplate
from thing_registration.template_parts import Certificate, Policy, Ref, Thing

from .cases import POLICY, thing, with_policy


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Stack")


def test_a_body_is_sent_without_the_white_space_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(thing(), indent=4), encoding="utf-8-sig")

    template = ProvisioningTemplate.from_file(path)

    assert template.source == str(path)
    assert template.reading.body == json.dumps(thing(), separators=(",", ":"))


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
    document = json.dumps({"a": "x" * 2_040}, indent=8) + " " * 100

    assert (
        ProvisioningTemplate.from_object(with_policy(PolicyDocument=document)).reading.problems
        == ()
    )


def test_the_length_is_that_of_the_minified_body() -> None:
    spacious = json.dumps(thing()) + " " * 20_000

    assert ProvisioningTemplate.from_string(spacious).reading.problems == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "template: is empty, got nothing, allowed a JSON object"),
        ("[1]", "template: is not an object, got [1], allowed a JSON object"),
        (
            '{"a": NaN}',
            "template: is not JSON, got NaN, Infinity or too large a number, allowed a JSON object",
        ),
        (
            '{"a": 1e999}',
            "template: is not JSON, got NaN, Infinity or too large a number, allowed a JSON object",
        ),
        (
            "[" * 100_000,
            "template: is nested too deeply, got more than 100 levels, allowed a JSON object",
        ),
        (
            '{"a": ' * 101 + "1" + "}" * 101,
            "template: is nested too deeply, got more than 100 levels, allowed a JSON object",
        ),
        (
            '{"a": "\\ud800"}',
            "template: is not UTF-8, got half of a surrogate pair, allowed a JSON object",
        ),
        (
            "{'a': 1}",
            "template:1:2: is not JSON, "
            "got expecting property name enclosed in double quotes, allowed a JSON object",
        ),
    ],
)
def test_what_is_no_json_object_is_said_in_one_line(text: str, message: str) -> None:
    template = ProvisioningTemplate.from_string(text)

    assert [str(problem) for problem in template.reading.problems] == [message]


def test_a_body_that_is_no_json_object_is_not_given(stack: Stack) -> None:
    template = ProvisioningTemplate.from_string("{")

    with pytest.raises(InvalidDeclaration, match="is not JSON") as raised:
        template.to_body(stack)

    assert raised.value.problems == template.reading.problems


def test_a_template_of_another_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_bytes(json.dumps(thing()).encode("utf-16"))

    (problem,) = ProvisioningTemplate.from_file(path).reading.problems

    assert str(problem) == (
        f"{path}: is not UTF-8, got byte 1 of another encoding, allowed a JSON object"
    )


def test_literal_names_are_those_of_the_template_alone() -> None:
    template = ProvisioningTemplate.from_object(
        thing(
            ThingTypeName="type",
            ThingGroups=["b", {"Ref": "Group"}, "a"],
            BillingGroup="billing",
        )
    )

    assert template.literal_names == PrerequisiteNames(("type",), ("a", "b"), ("billing",), ())


def test_a_policy_that_aws_makes_is_no_prerequisite() -> None:
    made = ProvisioningTemplate.from_object(with_policy(PolicyDocument=POLICY))
    named = ProvisioningTemplate.from_object(with_policy(PolicyName="p"))

    assert made.literal_names.policies == ()
    assert named.literal_names.policies == ("p",)


def test_an_object_that_json_has_not_is_an_error_of_the_app() -> None:
    with pytest.raises(TypeError):
        ProvisioningTemplate.from_object({"Parameters": {1, 2}})


def test_parts_declare_the_parameters_that_they_refer_to() -> None:
    template = ProvisioningTemplate.from_parts(
        Thing(Ref("ThingName"), attributes={"place": Ref("Place", default="WA")}),
        Certificate(certificate_signing_request=Ref("CSR"), status="ACTIVE"),
        Policy("p"),
        Policy(policy_document={"Version": "2012-10-17", "Statement": []}),
    )

    body = json.loads(template.reading.body or "")

    assert template.reading.problems == ()
    assert body["Parameters"] == {
        "ThingName": {"Type": "String"},
        "Place": {"Type": "String", "Default": "WA"},
        "CSR": {"Type": "String"},
    }
    assert list(body["Resources"]) == ["thing", "certificate", "policy", "policy2"]
    assert body["Resources"]["policy2"]["Properties"] == {"PolicyDocument": POLICY.replace(" ", "")}


def test_parts_may_not_disagree_on_a_default() -> None:
    with pytest.raises(ValueError, match="default of parameter P must be the same in every Ref"):
        ProvisioningTemplate.from_parts(
            Thing(Ref("T"), attributes={"a": Ref("P", "1"), "b": Ref("P", "2")})
        )


def test_parts_name_constructs_of_the_stack_which_are_then_created_first(stack: Stack) -> None:
    thing_type = iot.CfnThingType(stack, "Type")
    group = iot.CfnThingGroup(stack, "Group")
    billing = iot.CfnBillingGroup(stack, "Billing")
    policy = iot.CfnPolicy(stack, "Policy", policy_document={})
    template = ProvisioningTemplate.from_parts(
        Thing(Ref("ThingName"), thing_type=thing_type, thing_groups=[group], billing_group=billing),
        Policy(policy),
        Policy(
            policy_document={
                "Version": "2012-10-17",
                "Statement": [{"Resource": f"arn:aws:iot:{stack.region}:*:*"}],
            }
        ),
    )

    body = stack.resolve(template.to_body(stack))

    assert template.reading.problems == ()
    assert template.dependencies == (thing_type, group, billing, policy)
    assert template.literal_names == PrerequisiteNames()
    values = {
        "Type": "type",
        "Group": "group",
        "Billing": "bill",
        "Policy": "p",
        "AWS::Region": "r",
    }
    whole = "".join(
        piece if isinstance(piece, str) else values[piece["Ref"]] for piece in body["Fn::Join"][1]
    )
    resources = json.loads(whole)["Resources"]
    assert resources["thing"]["Properties"] == {
        "ThingName": {"Ref": "ThingName"},
        "ThingTypeName": "type",
        "ThingGroups": ["group"],
        "BillingGroup": "bill",
    }
    assert resources["policy"]["Properties"] == {"PolicyName": "p"}
    document = json.loads(resources["policy2"]["Properties"]["PolicyDocument"])
    assert document["Statement"] == [{"Resource": "arn:aws:iot:r:*:*"}]


def test_a_template_with_tokens_checks_its_input_file(stack: Stack) -> None:
    thing_type = iot.CfnThingType(stack, "Type")
    template = ProvisioningTemplate.from_parts(Thing(Ref("ThingName"), thing_type=thing_type))

    verdict = check(template, InputFile.from_records([{"ThingName": "a b"}]))

    assert list(verdict.counts) == ["thing-name"]
