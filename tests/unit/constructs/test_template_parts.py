"""A template in parts declares its parameters and brings its constructs."""

from __future__ import annotations

import json

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iot as iot

from tests.unit.constructs.cases import POLICY, STATEMENT
from thing_registration import (
    Certificate,
    CertificateStatus,
    InputFile,
    OverrideSetting,
    Policy,
    PrerequisiteNames,
    ProvisioningTemplate,
    Ref,
    Thing,
    ThingPrincipalType,
    check,
)


def test_parts_declare_the_parameters_that_they_refer_to() -> None:
    template = ProvisioningTemplate.from_parts(
        Thing(Ref("ThingName"), attributes={"place": Ref("Place", default="WA")}),
        Certificate(certificate_signing_request=Ref("CSR"), status="ACTIVE"),
        Policy("p"),
        Policy(policy_document=json.loads(POLICY)),
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
                "Statement": [{**STATEMENT, "Resource": f"arn:aws:iot:{stack.region}:*:*"}],
            }
        ),
    )

    body = stack.resolve(template.to_body(stack))

    assert template.reading.problems == ()
    assert template.dependencies == (thing_type, group, billing, policy)
    verdict = check(template, InputFile.from_records([{"ThingName": "a"}]))
    assert verdict.names == PrerequisiteNames()
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
    assert document["Statement"] == [{**STATEMENT, "Resource": "arn:aws:iot:r:*:*"}]


def test_the_enums_are_the_words_of_aws() -> None:
    by_enum = Thing("a", override_settings={"ThingTypeName": OverrideSetting.REPLACE})
    by_word = Thing("a", override_settings={"ThingTypeName": "REPLACE"})
    certificate = Certificate(
        certificate_id="0" * 64,
        status=CertificateStatus.INACTIVE,
        thing_principal_type=ThingPrincipalType.EXCLUSIVE_THING,
        override_settings={"Status": OverrideSetting.DO_NOTHING},
    )

    template = ProvisioningTemplate.from_parts(by_enum, certificate)

    assert template.reading.problems == ()
    assert template.reading.body is not None
    resources = json.loads(template.reading.body)["Resources"]
    assert resources["certificate"]["Properties"]["Status"] == "INACTIVE"
    assert resources["certificate"]["Properties"]["ThingPrincipalType"] == "EXCLUSIVE_THING"
    assert resources["certificate"]["OverrideSettings"] == {"Status": "DO_NOTHING"}
    assert resources["thing"] == by_word.resource()
