"""The construct: what it adds to a stack."""

import json
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iot as iot
from aws_cdk.assertions import Match, Template

from tests.unit.constructs.fleet import RECORDS, RESOURCE, TEMPLATE, Make, properties
from thing_registration import (
    Certificate,
    Deregister,
    InputFile,
    Policy,
    ProvisioningTemplate,
    Ref,
    Thing,
    ThingRegistrationTask,
)


def test_a_task_costs_12_resources_two_of_them_lambdas(stack: cdk.Stack, make_task: Make) -> None:
    make_task()

    template = Template.from_stack(stack)
    assert len(template.to_json()["Resources"]) == 12
    template.resource_count_is("AWS::Lambda::Function", 2)


def test_the_attributes_are_those_of_the_custom_resource(stack: cdk.Stack, make_task: Make) -> None:
    task = make_task()

    (logical_id,) = Template.from_stack(stack).find_resources(RESOURCE)
    for value, attribute in (
        (task.task_id, "TaskId"),
        (task.status, "Status"),
        (task.success_count, "SuccessCount"),
        (task.failure_count, "FailureCount"),
        (task.registered_count, "RegisteredCount"),
        (task.unchanged_count, "UnchangedCount"),
        (task.removed_count, "RemovedCount"),
        (task.reports_uri, "ReportsUri"),
    ):
        assert stack.resolve(value) == {"Fn::GetAtt": [logical_id, attribute]}


def test_every_property_is_text_and_known_to_the_worker(stack: cdk.Stack, make_task: Make) -> None:
    make_task(things_per_second=12.5)

    found = properties(stack)
    assert found.keys() == {
        "ServiceToken",
        "ServiceTimeout",
        "SchemaVersion",
        "TemplateBody",
        "SourceBucket",
        "SourceKey",
        "SourceVersionId",
        "InputHash",
        "DeviceCount",
        "Bucket",
        "KeyPrefix",
        "RoleArn",
        "TimeoutSeconds",
        "MaxFailures",
        "ThingsPerSecond",
        "Rerun",
        "EmptyOnDelete",
        "PrerequisiteMode",
        "PolicyDocuments",
    }
    assert found["SchemaVersion"] == "2"
    assert found["ThingsPerSecond"] == "12.5"
    assert found["Rerun"] == ""


def test_another_text_for_rerun_changes_the_resource(make_task: Make) -> None:
    def synthesized(rerun: str | None) -> dict[str, Any]:
        stack = cdk.Stack(cdk.App(), "Stack")
        make_task(scope=stack, rerun=rerun)
        return properties(stack)

    assert synthesized("monday") == {**synthesized(None), "Rerun": "monday"}


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


def test_in_the_new_bucket_inputs_expire_and_reports_and_state_do_not(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task(key_prefix="fleet/")

    (bucket,) = Template.from_stack(stack).find_resources("AWS::S3::Bucket").values()
    assert bucket["Properties"]["LifecycleConfiguration"]["Rules"] == [
        {"Prefix": "fleet/input/", "ExpirationInDays": 90, "Status": "Enabled"},
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "Status": "Enabled"},
    ]


def test_removal_policy_destroy_empties_and_removes(stack: cdk.Stack, make_task: Make) -> None:
    make_task(removal_policy=cdk.RemovalPolicy.DESTROY)

    assert properties(stack)["EmptyOnDelete"] == "true"
    Template.from_stack(stack).has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Delete"})


def test_everything_is_kept_by_default(stack: cdk.Stack, make_task: Make) -> None:
    make_task()

    assert properties(stack)["EmptyOnDelete"] == "false"
    Template.from_stack(stack).has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Retain"})


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


def test_what_becomes_of_removed_devices_is_a_property_only_where_it_is_chosen(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task(deregister=Deregister.REMOVED_LINES, max_deregistered=0, claim_existing=True)

    found = properties(stack)
    chosen = (found["Deregister"], found["MaxDeregistered"], found["ClaimExisting"])
    assert chosen == ("REMOVED_LINES", "0", "true")


def test_a_deletion_with_all_may_take_the_hour(stack: cdk.Stack, make_task: Make) -> None:
    make_task(timeout=cdk.Duration.minutes(5), deregister=Deregister.ALL)

    assert properties(stack)["ServiceTimeout"] == "3600"
