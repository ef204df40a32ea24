"""Every role that a stack gets, and every right: what each role may do, and no more."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from thing_registration.stack.input_object import InputObject

IOT_SERVICE = "iot.amazonaws.com"


def iot_role(scope: Construct, bucket: s3.IBucket, key_prefix: str) -> iam.Role:
    """Return a role that AWS IoT assumes to read the inputs of a task and to register things."""
    return iam.Role(
        scope,
        "Role",
        description="Assumed by AWS IoT to register things",
        assumed_by=iam.ServicePrincipal(IOT_SERVICE),
        managed_policies=[
            iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSIoTThingsRegistration")
        ],
        # Inline, so that the role never exists without it.
        inline_policies={"ReadInput": _policy(*_read_inputs(bucket, key_prefix))},
    )


def grant_read_inputs(role: iam.IRole, bucket: s3.IBucket, key_prefix: str) -> None:
    """Let a role of the user's read the inputs of a task."""
    for statement in _read_inputs(bucket, key_prefix):
        role.add_to_principal_policy(statement)


def grant_read_reports(grantee: iam.IGrantable, bucket: s3.IBucket, key_prefix: str) -> iam.Grant:
    """Let someone list and read the reports of a task."""
    reports = f"{key_prefix}reports/*"
    grant = iam.Grant.add_to_principal_or_resource(
        grantee=grantee,
        actions=["s3:GetObject"],
        resource_arns=[bucket.arn_for_objects(reports)],
        resource=bucket,
    ).combine(
        iam.Grant.add_to_principal_or_resource(
            grantee=grantee,
            actions=["s3:ListBucket"],
            resource_arns=[bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": reports}},
            resource=bucket,
        )
    )
    if bucket.encryption_key is None:
        return grant
    return grant.combine(bucket.encryption_key.grant_decrypt(grantee))


def task_policy(
    scope: Construct,
    worker_role: iam.IRole,
    input_object: InputObject,
    bucket: s3.IBucket,
    key_prefix: str,
    role: iam.IRole,
) -> iam.Policy:
    """Return what the worker needs for one task, as a policy of its role.

    A policy of its own for each task: when a task leaves the stack, CloudFormation updates the
    workflow first and deletes the task last, and its deletion needs these rights.
    """
    source = input_object.bucket
    policy = iam.Policy(
        scope,
        "WorkerPolicy",
        roles=[worker_role],
        statements=[
            iam.PolicyStatement(
                actions=["s3:GetObject"],
                resources=[source.arn_for_objects(input_object.readable_keys)],
            ),
            iam.PolicyStatement(
                actions=[
                    "s3:GetObject",
                    "s3:PutObject",
                    "s3:AbortMultipartUpload",
                    "s3:DeleteObject",
                    "s3:DeleteObjectVersion",
                ],
                resources=[bucket.arn_for_objects(f"{key_prefix}*")],
            ),
            # With the right to list, S3 also tells a missing object from a forbidden one.
            iam.PolicyStatement(
                actions=["s3:ListBucket", "s3:ListBucketVersions"], resources=[bucket.bucket_arn]
            ),
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[role.role_arn],
                # No page says that StartThingRegistrationTask fills this key; without it,
                # StringEquals would deny every start.
                # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
                conditions={"StringEqualsIfExists": {"iam:PassedToService": IOT_SERVICE}},
            ),
        ],
    )
    for key in (bucket.encryption_key, source.encryption_key):
        if key is not None:
            policy.add_statements(_use_key(key, "kms:Decrypt", "kms:GenerateDataKey*"))
    return policy


def worker_role(scope: Construct, log_group: logs.LogGroup) -> iam.Role:
    """Return the role of the worker; `task_policy` adds what one task needs."""
    stack = Stack.of(scope)
    registration = _policy(
        # None of these can be limited to a resource.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiot.html
        iam.PolicyStatement(
            actions=[
                "iot:StartThingRegistrationTask",
                "iot:StopThingRegistrationTask",
                "iot:DescribeThingRegistrationTask",
                "iot:ListThingRegistrationTasks",
                "iot:ListThingRegistrationTaskReports",
            ],
            resources=["*"],
        ),
        iam.PolicyStatement(
            actions=[
                "iot:DescribeThingType",
                "iot:DescribeThingGroup",
                "iot:DescribeBillingGroup",
                "iot:GetPolicy",
            ],
            resources=[
                stack.format_arn(service="iot", resource=kind, resource_name="*")
                for kind in ("thingtype", "thinggroup", "billinggroup", "policy")
            ],
        ),
        iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[stack.stack_id]),
    )
    return _lambda_role(scope, "WorkerRole", log_group, {"Registration": registration})


def state_machine_role(scope: Construct, worker: lambda_.IFunction) -> iam.Role:
    """Return the role of the state machine."""
    invoke = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[worker.function_arn])
    return iam.Role(
        scope,
        "StateMachineRole",
        assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
        inline_policies={"InvokeWorker": _policy(invoke)},
    )


def on_event_role(
    scope: Construct, log_group: logs.LogGroup, machine: sfn.StateMachine
) -> iam.Role:
    """Return the role of `on_event`, which starts and stops executions."""
    executions = Stack.of(machine).format_arn(
        service="states",
        resource="execution",
        resource_name=f"{machine.state_machine_name}:*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    statements = _policy(
        iam.PolicyStatement(
            actions=["states:StartExecution", "states:ListExecutions"],
            resources=[machine.state_machine_arn],
        ),
        iam.PolicyStatement(
            actions=["states:DescribeExecution", "states:StopExecution"], resources=[executions]
        ),
    )
    return _lambda_role(scope, "OnEventRole", log_group, {"Executions": statements})


def _lambda_role(
    scope: Construct,
    construct_id: str,
    log_group: logs.LogGroup,
    policies: dict[str, iam.PolicyDocument],
) -> iam.Role:
    write_log = iam.PolicyStatement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
    )
    # Inline, so that a function never runs before its rights exist.
    return iam.Role(
        scope,
        construct_id,
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={"Log": _policy(write_log), **policies},
    )


def _read_inputs(bucket: s3.IBucket, key_prefix: str) -> list[iam.PolicyStatement]:
    """Return what AWS IoT needs of the bucket."""
    inputs = bucket.arn_for_objects(f"{key_prefix}input/*")
    statements = [iam.PolicyStatement(actions=["s3:GetObject"], resources=[inputs])]
    if bucket.encryption_key is not None:
        statements.append(_use_key(bucket.encryption_key, "kms:Decrypt"))
    return statements


def _use_key(key: kms.IKey, *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=[key.key_arn])


def _policy(*statements: iam.PolicyStatement) -> iam.PolicyDocument:
    return iam.PolicyDocument(statements=list(statements))
