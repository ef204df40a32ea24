"""What one task needs: that it is granted, where, before the task runs and until it is gone."""

from __future__ import annotations

import json
import re
from graphlib import TopologicalSorter
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match, Template
from constructs import IConstruct

from tests.unit.constructs.fleet import RESOURCE, Make
from thing_registration import InputFile

PASSED_TO_IOT = {"StringEqualsIfExists": {"iam:PassedToService": "iot.amazonaws.com"}}
IOT = iam.ServicePrincipal("iot.amazonaws.com")
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
ROLE_ARN = "arn:aws:iam::123456789012:role/registrar"
USE_BUCKET = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketVersions",
]


def test_the_worker_may_pass_the_role_of_its_stack_and_to_no_service_that_is_known_to_be_another(
    stack: cdk.Stack, make_task: Make
) -> None:
    task, other = make_task("One"), make_task("Two")

    assert statements_of_worker(stack, "iam:PassRole") == [
        {
            "Action": "iam:PassRole",
            "Effect": "Allow",
            "Condition": PASSED_TO_IOT,
            "Resource": stack.resolve(task.role.role_arn),
        }
    ]
    assert other.role is task.role


@jsii.implements(cdk.IAspect)
class EnterpriseRoles:
    """Gives all roles what a company prescribes, as the aspects of cdk-enterprise-iac do."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, iam.CfnRole):
            node.add_property_override("Path", "/company/")
            node.add_property_override("RoleName", f"company-{node.node.addr[-8:]}")
            node.add_property_override("PermissionsBoundary", BOUNDARY)


@pytest.mark.parametrize("own_bucket", [True, False])
@pytest.mark.parametrize("own_role", [True, False])
def test_an_aspect_may_give_every_role_another_path_name_and_boundary(
    stack: cdk.Stack, make_task: Make, own_role: bool, own_bucket: bool
) -> None:
    role = None if own_role else iam.Role(stack, "Own", assumed_by=IOT)
    task = make_task(role=role, bucket=None if own_bucket else s3.Bucket(stack, "Bucket"))
    cdk.Aspects.of(stack).add(EnterpriseRoles())

    resources = Template.from_stack(stack).to_json()["Resources"]
    roles = [each for each in resources.values() if each["Type"] == "AWS::IAM::Role"]
    for found in roles:
        given = found["Properties"]
        assert (given["Path"], given["PermissionsBoundary"]) == ("/company/", BOUNDARY)
    assert len({found["Properties"]["RoleName"] for found in roles}) == len(roles) == 4
    # Nothing else knows a role but by a reference to it, which follows the role.
    (passed,) = statements_of_worker(stack, "iam:PassRole")
    (custom,) = (each for each in resources.values() if each["Type"] == RESOURCE)
    logical_id = stack.resolve(task.role.role_name)["Ref"]
    reference = {"Fn::GetAtt": [logical_id, "Arn"]}
    assert passed["Resource"] == custom["Properties"]["RoleArn"] == reference
    assert ":role/" not in json.dumps(resources)
    function_roles = [
        each["Properties"]["Role"]
        for each in resources.values()
        if each["Type"] == "AWS::Lambda::Function"
    ]
    assert [list(each) for each in function_roles] == [["Fn::GetAtt"]] * 2


def test_a_task_that_the_user_lets_wait_for_another_makes_no_cycle(
    stack: cdk.Stack, make_task: Make
) -> None:
    first, second = make_task("One"), make_task("Two")
    first.node.add_dependency(second)

    # CDK refuses a cycle that it sees; CloudFormation would refuse the others.
    resources = Template.from_stack(stack).to_json()["Resources"]
    order = TopologicalSorter({name: waits_for(each) for name, each in resources.items()})
    assert set(order.static_order()) >= set(resources)


def test_the_worker_may_use_the_tasks_own_bucket_by_the_buckets_policy(
    stack: cdk.Stack, make_task: Make
) -> None:
    task = make_task()

    arn = stack.resolve(task.bucket.bucket_arn)
    allow = {
        "Effect": "Allow",
        "Action": USE_BUCKET,
        "Principal": {"AWS": worker_arn(stack)},
        "Resource": [arn, {"Fn::Join": ["", [arn, "/*"]]}],
    }
    Template.from_stack(stack).has_resource_properties(
        "AWS::S3::BucketPolicy", {"PolicyDocument": {"Statement": Match.array_with([allow])}}
    )
    Template.from_stack(stack).resource_count_is("AWS::IAM::Policy", 0)


def test_the_resource_comes_after_the_rights_of_the_roles(
    stack: cdk.Stack, make_task: Make
) -> None:
    source = s3.Bucket.from_bucket_name(stack, "Source", "factory")
    make_task(
        bucket=s3.Bucket(stack, "Own"),
        role=iam.Role(stack, "OwnRole", assumed_by=IOT),
        input_file=InputFile.from_bucket(source, "devices.jsonl"),
    )
    make_task("Default")

    template = Template.from_stack(stack)
    own, default = template.find_resources(RESOURCE).values()
    assert set(template.find_resources("AWS::IAM::Policy")) <= set(own["DependsOn"])
    assert set(template.find_resources("AWS::S3::BucketPolicy")) <= set(default["DependsOn"])
    shared = [
        name
        for kind in ("Role", "Function", "StateMachine", "Log")
        for name in template.to_json()["Resources"]
        if name.startswith("ThingRegistrationWorkflow") and kind in name
    ]
    assert shared
    assert set(shared) <= {*own["DependsOn"]} & {*default["DependsOn"]}


def test_rights_that_the_user_adds_to_the_role_come_before_the_resource(
    stack: cdk.Stack, make_task: Make
) -> None:
    task = make_task()
    task.role.add_to_principal_policy(
        iam.PolicyStatement(actions=["iot:DescribeEndpoint"], resources=["*"])
    )

    template = Template.from_stack(stack)
    (policy,) = template.find_resources("AWS::IAM::Policy")
    ((_, resource),) = template.find_resources(RESOURCE).items()
    assert policy in resource["DependsOn"]


def test_a_bucket_of_the_users_with_a_key_of_theirs_lets_both_roles_use_the_key(
    stack: cdk.Stack, make_task: Make
) -> None:
    key = kms.Key(stack, "Key")
    make_task(bucket=s3.Bucket(stack, "Own", encryption_key=key))

    template = json.dumps(Template.from_stack(stack).to_json())
    assert template.count('"kms:Decrypt"') >= 2
    assert "kms:GenerateDataKey*" in template


def test_tags_are_read_at_the_source_and_written_at_the_target(
    stack: cdk.Stack, make_task: Make
) -> None:
    source = s3.Bucket.from_bucket_name(stack, "Source", "factory")
    target = s3.Bucket.from_bucket_name(stack, "Target", "fleets")
    make_task(bucket=target, input_file=InputFile.from_bucket(source, "devices.jsonl"))

    (read,) = statements_of_worker(stack, "s3:GetObjectTagging")
    (write,) = statements_of_worker(stack, "s3:PutObjectTagging")
    assert "factory/devices.jsonl" in json.dumps(read["Resource"])
    assert "fleets/Stack/StackFleet49D4F16D/*" in json.dumps(write["Resource"])


def test_a_task_that_leaves_the_stack_takes_its_rights_along_only_at_the_end(
    make_task: Make,
) -> None:
    def resources(*tasks: str) -> dict[str, Any]:
        stack = cdk.Stack(cdk.App(), "Stack")
        bucket = s3.Bucket.from_bucket_name(stack, "Own", "fleets")
        for task in tasks:
            make_task(task, scope=stack, bucket=bucket if task == "InOurs" else None)
        found: dict[str, Any] = Template.from_stack(stack).to_json()["Resources"]
        return found

    before, after = resources("Stays", "InOwn", "InOurs"), resources("Stays")

    # CloudFormation updates what stays first, and deletes what is gone in the reverse order of its
    # dependencies: so no right may be lost by an update.
    assert {name: before[name] for name in after} == after
    gone = [before[name]["Type"] for name in before.keys() - after.keys()]
    assert gone.count("AWS::S3::BucketPolicy") == 1
    # That of the worker, and that of the role that AWS IoT assumes.
    assert gone.count("AWS::IAM::Policy") == 2


@pytest.mark.parametrize(
    "changed",
    [{"key_prefix": "other/"}, {"bucket": "other"}, {"bucket": None}],
    ids=["prefix", "bucket", "own bucket"],
)
def test_an_update_of_bucket_or_prefix_keeps_the_old_rights_until_the_resource_is_updated(
    make_task: Make, changed: dict[str, Any]
) -> None:
    def policies(**place: Any) -> dict[str, Any]:
        stack = cdk.Stack(cdk.App(), "Stack")
        name = place.pop("bucket")
        role = iam.Role.from_role_arn(stack, "Role", ROLE_ARN)
        bucket = name and s3.Bucket.from_bucket_name(stack, "Own", name)
        make_task(scope=stack, bucket=bucket, role=role, **place)
        return dict(Template.from_stack(stack).find_resources("AWS::IAM::Policy"))

    before = policies(bucket="fleets", key_prefix="fleet/")
    after = policies(**{"bucket": "fleets", "key_prefix": "fleet/", **changed})

    # Policies of the worker and of the role, of which the one to pass the role stays.
    assert [name[:8] for name in sorted(before.keys() - after.keys())] == ["FleetRea", "FleetWor"]
    for name in before.keys() & after.keys():
        assert before[name] == after[name]


def test_another_input_in_the_same_place_changes_no_logical_id(make_task: Make) -> None:
    def policies(key: str) -> set[str]:
        stack = cdk.Stack(cdk.App(), "Stack")
        bucket = s3.Bucket.from_bucket_name(stack, "Own", "fleets")
        make_task(scope=stack, bucket=bucket, input_file=InputFile.from_bucket(bucket, key))
        return set(Template.from_stack(stack).find_resources("AWS::IAM::Policy"))

    assert policies("monday.jsonl") == policies("tuesday.jsonl")


def test_a_role_of_the_users_reads_the_input_by_the_policy_of_the_tasks_own_bucket(
    stack: cdk.Stack, make_task: Make
) -> None:
    role = iam.Role(stack, "Own", assumed_by=IOT)
    task = make_task(role=role, key_prefix="fleet/")

    assert task.role is role
    arn = stack.resolve(task.bucket.bucket_arn)
    allow = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Principal": {"AWS": stack.resolve(role.role_arn)},
        "Resource": {"Fn::Join": ["", [arn, "/fleet/input/*"]]},
    }
    Template.from_stack(stack).has_resource_properties(
        "AWS::S3::BucketPolicy", {"PolicyDocument": {"Statement": Match.array_with([allow])}}
    )
    assert len(Template.from_stack(stack).to_json()["Resources"]) == 13


def test_a_role_of_the_users_reads_the_input_in_a_bucket_of_theirs_by_a_policy_beside_the_task(
    stack: cdk.Stack, make_task: Make
) -> None:
    role = iam.Role(stack, "Own", assumed_by=IOT)
    make_task(role=role, bucket=s3.Bucket(stack, "Bucket"))

    template = Template.from_stack(stack)
    of_role = {"Properties": {"Roles": [stack.resolve(role.role_name)]}}
    (policy,) = template.find_resources("AWS::IAM::Policy", of_role)
    ((_, resource),) = template.find_resources(RESOURCE).items()
    assert policy in resource["DependsOn"]


def test_tasks_with_one_role_share_the_right_to_pass_it(stack: cdk.Stack, make_task: Make) -> None:
    role = iam.Role(stack, "Own", assumed_by=IOT)
    for number in range(3):
        make_task(f"Fleet{number}", role=role)

    of_own = [
        statement
        for statement in statements_of_worker(stack, "iam:PassRole")
        if statement["Resource"] == stack.resolve(role.role_arn)
    ]
    assert of_own == [
        {
            "Action": "iam:PassRole",
            "Effect": "Allow",
            "Condition": PASSED_TO_IOT,
            "Resource": stack.resolve(role.role_arn),
        }
    ]


@pytest.mark.parametrize("own_bucket", [True, False])
def test_a_role_of_another_stack_makes_no_cycle_whichever_stack_has_the_bucket(
    make_task: Make, own_bucket: bool
) -> None:
    app = cdk.App()
    roles, tasks = cdk.Stack(app, "Roles"), cdk.Stack(app, "Tasks")
    role = iam.Role(roles, "Role", assumed_by=IOT)
    bucket = None if own_bucket else s3.Bucket(tasks, "Own")

    make_task(scope=tasks, role=role, bucket=bucket)

    app.synth()
    assert [stack.stack_name for stack in tasks.dependencies] == ["Roles"]
    assert roles.dependencies == []


def test_a_role_of_a_stack_that_depends_on_the_tasks_is_refused(make_task: Make) -> None:
    app = cdk.App()
    later, between, tasks = (cdk.Stack(app, name) for name in ("Later", "Between", "Tasks"))
    later.add_dependency(between)
    between.add_dependency(tasks)
    role = iam.Role(later, "Role", assumed_by=IOT)

    with pytest.raises(
        ValueError, match=r"^role must be made before the task, got a role of stack"
    ):
        make_task(scope=tasks, role=role)

    assert tasks.node.children == []


@pytest.mark.parametrize("own_bucket", [True, False])
@pytest.mark.parametrize("kind", ["immutable", "without policy updates", "of another account"])
def test_a_role_that_nothing_here_can_allow_to_read_is_warned_of_with_its_statements(
    make_task: Make, kind: str, own_bucket: bool
) -> None:
    environment = cdk.Environment(account="123456789012", region="eu-west-1")
    stack = cdk.Stack(cdk.App(), "Stack", env=environment)
    role: iam.IRole
    if kind == "immutable":
        role = iam.Role.from_role_arn(stack, "Role", ROLE_ARN, mutable=False)
    elif kind == "of another account":
        role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::999999999999:role/registrar")
    else:
        role = iam.Role(stack, "Role", assumed_by=IOT).without_policy_updates()
    bucket = None if own_bucket else s3.Bucket.from_bucket_name(stack, "Own", "fleets")

    make_task(scope=stack, role=role, bucket=bucket)

    warnings = [
        str(each.entry.data)
        for each in Annotations.from_stack(stack).find_warning("*", Match.any_value())
    ]
    documents = map(
        json.dumps, Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    )
    policies = [each for each in documents if "PutObject" not in each and "PassRole" not in each]
    assert policies == []
    # The policy of the task's own bucket is enough for every role of the account.
    if own_bucket and kind != "of another account":
        assert warnings == []
        return
    (warning,) = warnings
    assert "gets no policy from this stack" in warning
    assert '"Action": "s3:GetObject", "Effect": "Allow", "Resource": ' in warning
    assert "/Stack/StackFleet49D4F16D/input/*" in warning


def test_an_imported_role_that_takes_policies_is_not_warned_of(
    stack: cdk.Stack, make_task: Make
) -> None:
    role = iam.Role.from_role_arn(stack, "Role", ROLE_ARN)
    bucket = s3.Bucket.from_bucket_name(stack, "Own", "fleets")

    make_task(role=role, bucket=bucket)

    of_role = {"Properties": {"Roles": ["registrar"]}}
    assert Template.from_stack(stack).find_resources("AWS::IAM::Policy", of_role)
    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


def worker_arn(stack: cdk.Stack) -> dict[str, Any]:
    """The ARN of the worker's role, as the template has it."""
    (name,) = [
        name for name in Template.from_stack(stack).to_json()["Resources"] if "WorkerRole" in name
    ]
    return {"Fn::GetAtt": [name, "Arn"]}


def waits_for(resource: dict[str, Any]) -> set[str]:
    """The logical ids that a resource of a template waits for."""
    text = json.dumps(resource["Properties"])
    references = re.findall(r'"(?:Ref|Fn::GetAtt)": \[?"(\w+)"', text)
    return {*resource.get("DependsOn", []), *references}


def statements_of_worker(stack: cdk.Stack, action: str) -> list[dict[str, Any]]:
    """The statements on an action in all policies of the worker's role."""
    template = Template.from_stack(stack)
    name = worker_arn(stack)["Fn::GetAtt"][0]
    role = template.to_json()["Resources"][name]
    of_role = {"Properties": {"Roles": [{"Ref": name}]}}
    documents = [
        *(policy["PolicyDocument"] for policy in role["Properties"]["Policies"]),
        *(
            policy["Properties"]["PolicyDocument"]
            for policy in template.find_resources("AWS::IAM::Policy", of_role).values()
        ),
    ]
    return [
        statement
        for document in documents
        for statement in document["Statement"]
        if action in statement["Action"]
    ]
