"""What the roles may do, and that they may before the resource needs it."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from tests.unit.constructs.fleet import Make
from thing_registration import Deregister, Prerequisites

RETIRE = {"iot:ListPrincipalThings", "iot:DetachThingPrincipal", "iot:UpdateCertificate"}


def test_aws_iot_may_read_our_inputs_and_nothing_else_of_s3(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task("One", key_prefix="fleet/")
    make_task("Two", key_prefix="other/", bucket=s3.Bucket(stack, "Own"))

    template = Template.from_stack(stack)
    trusted = {"Statement": [{"Principal": {"Service": "iot.amazonaws.com"}}]}
    ((name, found),) = template.find_resources(
        "AWS::IAM::Role", {"Properties": {"AssumeRolePolicyDocument": trusted}}
    ).items()
    assert "Policies" not in found["Properties"]
    (managed,) = found["Properties"]["ManagedPolicyArns"]
    assert "service-role/AWSIoTThingsRegistration" in json.dumps(managed)
    policies = [
        *template.find_resources("AWS::S3::BucketPolicy").values(),
        *template.find_resources(
            "AWS::IAM::Policy", {"Properties": {"Roles": [{"Ref": name}]}}
        ).values(),
    ]
    statements = [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "Principal" not in statement
        or statement["Principal"] == {"AWS": {"Fn::GetAtt": [name, "Arn"]}}
    ]
    assert [
        (statement["Action"], statement["Resource"]["Fn::Join"][1][1]) for statement in statements
    ] == [("s3:GetObject", "/fleet/input/*"), ("s3:GetObject", "/other/input/*")]


def test_the_state_machine_may_invoke_only_the_worker(stack: cdk.Stack, make_task: Make) -> None:
    make_task()

    template = Template.from_stack(stack)
    (worker,) = template.find_resources(
        "AWS::Lambda::Function",
        {"Properties": {"Handler": "thing_registration_worker.worker.handler"}},
    )
    statement = {
        "Action": "lambda:InvokeFunction",
        "Effect": "Allow",
        "Resource": {"Fn::GetAtt": [worker, "Arn"]},
    }
    document = {"PolicyDocument": {"Statement": [statement]}}
    template.has_resource_properties("AWS::IAM::Role", {"Policies": [Match.object_like(document)]})


def test_no_statement_allows_every_action_of_a_service(stack: cdk.Stack, make_task: Make) -> None:
    make_task()

    resources = Template.from_stack(stack).to_json()["Resources"].values()
    documents = [
        policy["PolicyDocument"]
        for resource in resources
        for policy in [resource["Properties"], *resource["Properties"].get("Policies", [])]
        if "PolicyDocument" in policy and resource["Type"] != "AWS::S3::BucketPolicy"
    ]
    assert documents
    for document in documents:
        for statement in document["Statement"]:
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                assert not action.endswith(":*")


def test_the_reports_can_be_read_and_listed_and_nothing_else(
    stack: cdk.Stack, make_task: Make
) -> None:
    reader = iam.Role(stack, "Reader", assumed_by=iam.AccountRootPrincipal())
    task = make_task(key_prefix="fleet/")

    grant = task.grant_read_reports(reader)

    assert grant.success
    bucket_arn = stack.resolve(task.bucket.bucket_arn)
    of_reader = {"Properties": {"Roles": [stack.resolve(reader.role_name)]}}
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy", of_reader).values()
    assert policy["Properties"]["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": {"Fn::Join": ["", [bucket_arn, "/fleet/runs/*"]]},
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": "fleet/runs/*"}},
        },
    ]


def test_reports_in_a_bucket_with_a_key_can_be_decrypted(stack: cdk.Stack, make_task: Make) -> None:
    key = kms.Key(stack, "Key")
    reader = iam.Role(stack, "Reader", assumed_by=iam.AccountRootPrincipal())
    task = make_task(bucket=s3.Bucket(stack, "Own", encryption_key=key))

    task.grant_read_reports(reader)

    of_reader = {"Properties": {"Roles": [stack.resolve(reader.role_name)]}}
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy", of_reader).values()
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statements[-1] == {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": stack.resolve(key.key_arn),
    }


LOOK_UPS = [
    "iot:DescribeThingType",
    "iot:DescribeThingGroup",
    "iot:DescribeBillingGroup",
    "iot:GetPolicy",
    "iot:DescribeThing",
    "iot:DescribeCertificate",
    "iot:UpdateCertificate",
]
CREATIONS = [
    "iot:CreateThingType",
    "iot:CreateThingGroup",
    "iot:CreateBillingGroup",
    "iot:CreatePolicy",
]
PREREQUISITES = ["thingtype", "thinggroup", "billinggroup", "policy"]


def test_the_worker_may_look_up_things_certificates_and_what_they_refer_to(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task()

    found = {
        tuple(statement["Action"]): statement["Resource"]
        for statement in registration_statements(stack)
        if isinstance(statement["Action"], list)
    }
    assert found[tuple(LOOK_UPS)] == [any_of(kind) for kind in (*PREREQUISITES, "thing", "cert")]
    (unlimited,) = (actions for actions, resource in found.items() if resource == "*")
    # AWS knows no resource for these.
    assert {"iot:ListCertificates", "iot:ListThingPrincipals"} <= set(unlimited)


@pytest.mark.parametrize("prerequisites", Prerequisites)
def test_only_create_lets_the_worker_make_anything_and_once_for_all_tasks(
    stack: cdk.Stack, make_task: Make, prerequisites: Prerequisites
) -> None:
    make_task("One", prerequisites=Prerequisites.ASSUME)
    for name in ("Two", "Three"):
        make_task(name, prerequisites=prerequisites)

    creations = [
        (statement["Action"], statement["Resource"])
        for statement in registration_statements(stack)
        if "iot:Create" in str(statement["Action"])
    ]
    creates = prerequisites is Prerequisites.CREATE
    assert creations == ([(CREATIONS, [any_of(kind) for kind in PREREQUISITES])] if creates else [])


def any_of(kind: str) -> dict[str, Any]:
    """The ARN of all resources of a kind in the stack's account and Region."""
    parts = ["arn:", {"Ref": "AWS::Partition"}, ":iot:", {"Ref": "AWS::Region"}, ":"]
    return {"Fn::Join": ["", [*parts, {"Ref": "AWS::AccountId"}, f":{kind}/*"]]}


def registration_statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    """The statements that the worker has for all tasks."""
    return [
        statement
        for role in Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
        for policy in role["Properties"].get("Policies", [])
        if policy["PolicyName"] == "Registration"
        for statement in policy["PolicyDocument"]["Statement"]
    ]


@pytest.mark.parametrize(
    ("deregister", "allowed"),
    [
        # A rollback to it brings back what its update has retired.
        (Deregister.NEVER, {"iot:UpdateCertificate"}),
        (Deregister.REMOVED_LINES, RETIRE),
        (Deregister.ALL, RETIRE | {"iot:DeleteThing", "iot:DeleteCertificate"}),
    ],
)
def test_the_worker_may_retire_or_delete_only_where_it_was_chosen(
    stack: cdk.Stack, make_task: Make, deregister: Deregister, allowed: set[str]
) -> None:
    make_task(deregister=deregister)

    everything = json.dumps(Template.from_stack(stack).to_json())
    removal = {*RETIRE, "iot:DeleteThing", "iot:DeleteCertificate"}
    assert {action for action in removal if f'"{action}"' in everything} == allowed
    assert "iot:DeletePolicy" not in everything
