"""What the roles may do, and that they may before the resource needs it."""

import json

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from tests.unit.constructs.fleet import RESOURCE, Make


def test_aws_iot_may_read_our_inputs_and_nothing_else_of_s3(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task(key_prefix="fleet/")

    role = Template.from_stack(stack).find_resources(
        "AWS::IAM::Role",
        {
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Statement": [{"Principal": {"Service": "iot.amazonaws.com"}}]
                }
            }
        },
    )
    ((_, found),) = role.items()
    (policy,) = found["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "s3:GetObject"
    assert statement["Resource"]["Fn::Join"][1][1] == "/fleet/input/*"
    assert "service-role/AWSIoTThingsRegistration" in json.dumps(
        found["Properties"]["ManagedPolicyArns"]
    )


def test_the_worker_may_pass_only_the_tasks_role_and_to_no_service_that_is_known_to_be_another(
    stack: cdk.Stack, make_task: Make
) -> None:
    task = make_task()

    statement = {
        "Action": "iam:PassRole",
        "Effect": "Allow",
        "Resource": stack.resolve(task.role.role_arn),
        "Condition": {"StringEqualsIfExists": {"iam:PassedToService": "iot.amazonaws.com"}},
    }
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy", {"PolicyDocument": {"Statement": Match.array_with([statement])}}
    )


def test_the_state_machine_may_invoke_only_the_worker(stack: cdk.Stack, make_task: Make) -> None:
    make_task()

    template = Template.from_stack(stack)
    (worker,) = template.find_resources(
        "AWS::Lambda::Function", {"Properties": {"Handler": "worker.handler"}}
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


def test_the_resource_comes_after_the_rights_of_the_roles(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task()

    template = Template.from_stack(stack)
    ((_, resource),) = template.find_resources(RESOURCE).items()
    needed = [
        *template.find_resources("AWS::IAM::Policy"),
        *template.find_resources("AWS::IAM::Role"),
        *template.find_resources("AWS::S3::Bucket"),
        *template.find_resources("AWS::S3::BucketPolicy"),
        *template.find_resources("AWS::StepFunctions::StateMachine"),
        *template.find_resources("AWS::Lambda::Function"),
    ]
    assert set(needed) <= set(resource["DependsOn"])


def test_rights_that_the_user_adds_to_the_role_come_before_the_resource(
    stack: cdk.Stack, make_task: Make
) -> None:
    task = make_task()
    task.role.add_to_principal_policy(
        iam.PolicyStatement(actions=["iot:DescribeEndpoint"], resources=["*"])
    )

    template = Template.from_stack(stack)
    policies = template.find_resources("AWS::IAM::Policy")
    ((_, resource),) = template.find_resources(RESOURCE).items()
    assert len(policies) == 2
    assert set(policies) <= set(resource["DependsOn"])


def test_a_bucket_of_the_users_with_a_key_of_theirs_lets_both_roles_use_the_key(
    stack: cdk.Stack, make_task: Make
) -> None:
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Own", encryption_key=key)
    make_task(bucket=bucket)

    template = json.dumps(Template.from_stack(stack).to_json())
    assert template.count('"kms:Decrypt"') >= 2
    assert "kms:GenerateDataKey*" in template


def test_a_role_of_the_users_gets_the_right_to_read_the_input(
    stack: cdk.Stack, make_task: Make
) -> None:
    role = iam.Role(stack, "Own", assumed_by=iam.ServicePrincipal("iot.amazonaws.com"))
    task = make_task(role=role)

    assert task.role is role
    template = Template.from_stack(stack)
    of_role = {"Properties": {"Roles": [stack.resolve(role.role_name)]}}
    (policy,) = template.find_resources("AWS::IAM::Policy", of_role)
    ((_, resource),) = template.find_resources(RESOURCE).items()
    assert policy in resource["DependsOn"]


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
            "Resource": {"Fn::Join": ["", [bucket_arn, "/fleet/reports/*"]]},
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": "fleet/reports/*"}},
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
