"""The construct: what it adds to a stack."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template

from tests.unit.construct.fleet import RECORDS, TEMPLATE
from thing_registration import (
    Certificate,
    InputFile,
    InvalidDeclaration,
    Policy,
    PrerequisiteNames,
    Prerequisites,
    ProvisioningTemplate,
    Ref,
    Thing,
    ThingRegistrationTask,
)

Make = Callable[..., ThingRegistrationTask]
RESOURCE = "Custom::ThingRegistrationTask"


def properties(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the stack's one custom resource."""
    found = Template.from_stack(stack).find_resources(RESOURCE)
    (resource,) = found.values()
    result: dict[str, Any] = resource["Properties"]
    return result


def test_a_task_costs_12_resources_two_of_them_lambdas(stack: cdk.Stack, make_task: Make) -> None:
    make_task()

    template = Template.from_stack(stack)
    assert len(template.to_json()["Resources"]) == 12
    template.resource_count_is("AWS::Lambda::Function", 2)


def test_a_second_task_shares_the_workflow(stack: cdk.Stack, make_task: Make) -> None:
    make_task("One")
    make_task("Two")

    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Lambda::Function", 2)
    template.resource_count_is("AWS::StepFunctions::StateMachine", 1)
    template.resource_count_is("AWS::Logs::LogGroup", 1)
    template.resource_count_is(RESOURCE, 2)


def test_the_bucket_is_private_encrypted_owner_enforced_and_tls_only(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task()

    template = Template.from_stack(stack)
    block = dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    aes = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    template.has_resource_properties(
        "AWS::S3::Bucket",
        {
            "PublicAccessBlockConfiguration": block,
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [aes]},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        },
    )
    deny = {
        "Effect": "Deny",
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    template.has_resource_properties(
        "AWS::S3::BucketPolicy",
        {"PolicyDocument": {"Statement": Match.array_with([Match.object_like(deny)])}},
    )


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


def test_the_worker_may_pass_only_the_tasks_role_and_only_to_aws_iot(
    stack: cdk.Stack, make_task: Make
) -> None:
    task = make_task()

    statement = {
        "Action": "iam:PassRole",
        "Effect": "Allow",
        "Resource": stack.resolve(task.role.role_arn),
        "Condition": {"StringEquals": {"iam:PassedToService": "iot.amazonaws.com"}},
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


def test_the_attributes_are_those_of_the_custom_resource(stack: cdk.Stack, make_task: Make) -> None:
    task = make_task()

    (logical_id,) = Template.from_stack(stack).find_resources(RESOURCE)
    for value, attribute in (
        (task.task_id, "TaskId"),
        (task.status, "Status"),
        (task.success_count, "SuccessCount"),
        (task.failure_count, "FailureCount"),
        (task.reports_uri, "ReportsUri"),
    ):
        assert stack.resolve(value) == {"Fn::GetAtt": [logical_id, attribute]}


def test_the_template_body_is_sent_minified(stack: cdk.Stack, make_task: Make) -> None:
    make_task()

    body = properties(stack)["TemplateBody"]
    assert body == json.dumps(TEMPLATE, separators=(",", ":"))


def test_another_input_changes_the_resource_and_the_same_input_does_not() -> None:
    def synthesized(records: list[dict[str, str]]) -> dict[str, Any]:
        stack = cdk.Stack(cdk.App(), "Stack")
        ThingRegistrationTask(
            stack,
            "Fleet",
            provisioning_template=ProvisioningTemplate.from_object(TEMPLATE),
            input_file=InputFile.from_records(records),
        )
        return properties(stack)

    first, same = synthesized(RECORDS), synthesized(RECORDS)
    changed = synthesized([*RECORDS, {"Name": "c", "Group": "north"}])

    assert first == same
    assert first["InputHash"] != changed["InputHash"]


def test_removal_policy_destroy_empties_and_removes(stack: cdk.Stack, make_task: Make) -> None:
    make_task(removal_policy=cdk.RemovalPolicy.DESTROY)

    assert properties(stack)["EmptyOnDelete"] == "true"
    Template.from_stack(stack).has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Delete"})


def test_everything_is_kept_by_default(stack: cdk.Stack, make_task: Make) -> None:
    make_task()

    assert properties(stack)["EmptyOnDelete"] == "false"
    Template.from_stack(stack).has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Retain"})


def test_prerequisites_are_what_template_and_input_name(make_task: Make) -> None:
    assert make_task().prerequisites == PrerequisiteNames(
        thing_types=("sensor",),
        thing_groups=("north", "south"),
        billing_groups=("facilities",),
        policies=("sensor",),
    )


def test_prerequisites_are_verified_before_the_start_by_default(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task()

    assert json.loads(properties(stack)["Prerequisites"]) == {
        "thing_types": ["sensor"],
        "thing_groups": ["north", "south"],
        "billing_groups": ["facilities"],
        "policies": ["sensor"],
    }


def test_more_prerequisites_than_can_be_verified_are_said_to_be_left_out(
    stack: cdk.Stack, make_task: Make
) -> None:
    records = [{"Name": f"n{n}", "Group": f"g{n:03}"} for n in range(400)]

    make_task(input_file=InputFile.from_records(records))

    verified = json.loads(properties(stack)["Prerequisites"])
    assert verified["thing_types"] == ["sensor"]
    assert sum(map(len, verified.values())) == 300
    message = Match.string_like_regexp("103 of the names")
    Annotations.from_stack(stack).has_warning("/Stack/Fleet", message)


def test_prerequisites_that_are_created_come_before_the_resource_and_are_shared(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task("One", prerequisites=Prerequisites.CREATE)
    make_task("Two", prerequisites=Prerequisites.CREATE)

    template = Template.from_stack(stack)
    for kind, count in (("ThingType", 1), ("ThingGroup", 2), ("BillingGroup", 1), ("Policy", 1)):
        created = template.find_resources(f"AWS::IoT::{kind}")
        assert len(created) == count
        assert {resource["DeletionPolicy"] for resource in created.values()} == {"Retain"}
        for resource in template.find_resources(RESOURCE).values():
            assert set(created) <= set(resource["DependsOn"])
            assert not any(json.loads(resource["Properties"]["Prerequisites"]).values())


def test_prerequisites_that_are_assumed_are_neither_made_nor_verified(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task(prerequisites=Prerequisites.ASSUME)

    Template.from_stack(stack).resource_count_is("AWS::IoT::ThingType", 0)
    assert not any(json.loads(properties(stack)["Prerequisites"]).values())


def test_an_input_in_a_bucket_is_read_from_there_and_no_asset_is_made(
    stack: cdk.Stack, make_task: Make
) -> None:
    source = s3.Bucket.from_bucket_name(stack, "Source", "factory")
    make_task(input_file=InputFile.from_bucket(source, "devices/today.jsonl"))

    found = properties(stack)
    assert (found["SourceBucket"], found["SourceKey"]) == ("factory", "devices/today.jsonl")
    read = Match.object_like({"Action": "s3:GetObject", "Effect": "Allow"})
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy", {"PolicyDocument": {"Statement": Match.array_with([read])}}
    )


def test_a_bucket_of_the_users_with_a_key_of_theirs_lets_both_roles_use_the_key(
    stack: cdk.Stack, make_task: Make
) -> None:
    key = kms.Key(stack, "Key")
    bucket = s3.Bucket(stack, "Own", encryption_key=key)
    make_task(bucket=bucket)

    template = json.dumps(Template.from_stack(stack).to_json())
    assert template.count('"kms:Decrypt"') >= 2
    assert "kms:GenerateDataKey*" in template


def test_a_role_of_the_users_is_given_the_right_to_read_the_input(
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"timeout": cdk.Duration.minutes(51)}, "timeout must be 1 to 50 minutes, .* got 51 min"),
        ({"timeout": cdk.Duration.seconds(59)}, "timeout must be 1 to 50 minutes, .* got 59 sec"),
        ({"max_failures": -1}, "max_failures must be a count .* got '-1'"),
        ({"max_failures": "101%"}, "max_failures must be .* got '101%'"),
        ({"max_failures": "few"}, "max_failures must be .* got 'few'"),
        ({"key_prefix": "fleet"}, "key_prefix must end in a slash .* got 'fleet'"),
        ({"key_prefix": "/fleet/"}, "key_prefix must .* not begin with one, got '/fleet/'"),
        ({"key_prefix": "my fleet/"}, r"key_prefix must be at most 976 characters of \[a-zA-Z0-9!"),
        ({"key_prefix": "x" * 976 + "/"}, "key_prefix must be at most 976 characters"),
    ],
)
def test_an_argument_that_is_not_allowed_is_refused_before_anything_is_made(
    stack: cdk.Stack, make_task: Make, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_task(**arguments)

    assert not stack.node.children


def test_a_key_or_role_that_aws_iot_does_not_take_is_refused(
    stack: cdk.Stack, make_task: Make
) -> None:
    source = s3.Bucket.from_bucket_name(stack, "Source", "factory")
    long_role = "arn:aws:iam::000000000000:role/" + "x" * 2_048
    given: list[tuple[dict[str, Any], str]] = [
        (
            {"input_file": InputFile.from_bucket(source, "my devices.jsonl")},
            r"key must be 1 to 1024 characters of .*, got 'my devices.jsonl'",
        ),
        (
            {"role": iam.Role.from_role_arn(stack, "R", long_role)},
            "role must have an ARN of 20 to 2,048 characters, got 2079",
        ),
    ]

    for argument, message in given:
        with pytest.raises(ValueError, match=message):
            make_task(**argument)


def test_a_template_in_parts_brings_what_it_names_of_the_same_stack(
    stack: cdk.Stack, make_task: Make
) -> None:
    sensor = iot.CfnThingType(stack, "Sensor")
    connect = iot.CfnPolicy(stack, "Connect", policy_document={})
    make_task(
        provisioning_template=ProvisioningTemplate.from_parts(
            Thing(Ref("Name"), thing_type=sensor, thing_groups=[Ref("Group")]),
            Certificate(certificate_id="0" * 64),
            Policy(connect),
        )
    )

    template = Template.from_stack(stack)
    ((_, resource),) = template.find_resources(RESOURCE).items()
    assert {"Sensor", "Connect"} <= set(resource["DependsOn"])
    body = resource["Properties"]["TemplateBody"]["Fn::Join"][1]
    assert {"Ref": "Sensor"} in body
    assert {"Ref": "Connect"} in body


def test_an_error_of_the_checks_is_raised_before_anything_is_made(
    stack: cdk.Stack, make_task: Make
) -> None:
    with pytest.raises(InvalidDeclaration, match="records:2: Name: "):
        make_task(input_file=InputFile.from_records([RECORDS[0], RECORDS[0]]))

    assert not stack.node.children


def test_more_devices_than_the_timeout_has_time_for_are_refused(make_task: Make) -> None:
    with pytest.raises(InvalidDeclaration, match="records: "):
        make_task(things_per_second=0.0001)


def test_a_warning_of_the_checks_is_an_annotation_and_an_error_if_strict(
    stack: cdk.Stack, make_task: Make
) -> None:
    unknown = InputFile.from_records([{**RECORDS[0], "Unknown": "x"}])

    make_task(input_file=unknown)

    Annotations.from_stack(stack).has_warning("/Stack/Fleet", Match.string_like_regexp("Unknown"))
    with pytest.raises(InvalidDeclaration, match="Unknown"):
        make_task("Strict", input_file=unknown, strict=True)


def test_the_asset_of_the_lambdas_holds_no_byte_code_and_is_small(
    stack: cdk.Stack, make_task: Make, tmp_path: Path
) -> None:
    make_task()
    app = stack.node.root
    assert isinstance(app, cdk.App)
    assembly = Path(app.synth().directory)
    (asset,) = (folder for folder in assembly.glob("asset.*") if folder.is_dir())
    files = sorted(asset.rglob("*"))
    with zipfile.ZipFile(tmp_path / "asset.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)

    assert {file.suffix for file in files} == {".py"}
    assert (tmp_path / "asset.zip").stat().st_size < 30_000
