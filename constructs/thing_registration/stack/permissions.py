"""Every role that a stack gets, with what it may do for all tasks, and no more."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

IOT_SERVICE = "iot.amazonaws.com"


def iot_role(scope: Construct) -> iam.Role:
    """Return a role that AWS IoT assumes to register things; each task lets it read its inputs."""
    return iam.Role(
        scope,
        "IotRole",
        description="Assumed by AWS IoT to register things",
        assumed_by=iam.ServicePrincipal(IOT_SERVICE),
        managed_policies=[
            iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSIoTThingsRegistration")
        ],
    )


def grant_read_reports(grantee: iam.IGrantable, bucket: s3.IBucket, key_prefix: str) -> iam.Grant:
    """Let someone list and read the reports of every run of a task."""
    reports = f"{key_prefix}runs/*"
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


def read_inputs(bucket: s3.IBucket, key_prefix: str) -> list[iam.PolicyStatement]:
    """Return what AWS IoT needs of the bucket."""
    inputs = bucket.arn_for_objects(f"{key_prefix}input/*")
    statements = [iam.PolicyStatement(actions=["s3:GetObject"], resources=[inputs])]
    if bucket.encryption_key is not None:
        statements.append(use_key(bucket.encryption_key, "kms:Decrypt"))
    return statements


def pass_role(role_arn: str) -> iam.PolicyStatement:
    """Return what the worker needs to start a task with a role."""
    return iam.PolicyStatement(
        actions=["iam:PassRole"],
        resources=[role_arn],
        # No page says that StartThingRegistrationTask fills this key; without it, StringEquals
        # would deny every start.
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
        conditions={"StringEqualsIfExists": {"iam:PassedToService": IOT_SERVICE}},
    )


def use_key(key: kms.IKey, *actions: str) -> iam.PolicyStatement:
    """Return what is needed to use a key."""
    return iam.PolicyStatement(actions=list(actions), resources=[key.key_arn])


def create_prerequisites(scope: Construct) -> iam.PolicyStatement:
    """Return what the worker needs to make what devices refer to, whatever its name."""
    kinds = {
        "iot:CreateThingType": "thingtype",
        "iot:CreateThingGroup": "thinggroup",
        "iot:CreateBillingGroup": "billinggroup",
        "iot:CreatePolicy": "policy",
    }
    return iam.PolicyStatement(
        actions=list(kinds), resources=_of_iot(Stack.of(scope), *kinds.values())
    )


def retire_devices(scope: Construct) -> list[iam.PolicyStatement]:
    """Return what the worker needs to retire devices, and to bring them back."""
    return [
        # None of these can be limited to a resource.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiot.html
        iam.PolicyStatement(
            actions=[
                "iot:ListPrincipalThings",
                "iot:DetachThingPrincipal",
                "iot:AttachThingPrincipal",
            ],
            resources=["*"],
        ),
    ]


def delete_devices(scope: Construct) -> iam.PolicyStatement:
    """Return what the worker needs besides to delete devices."""
    return iam.PolicyStatement(
        actions=["iot:DeleteThing", "iot:DeleteCertificate"],
        resources=_of_iot(Stack.of(scope), "thing", "cert"),
    )


def registration_rights(scope: Construct) -> iam.PolicyDocument:
    """Return what the worker may do for every task of its stack."""
    stack = Stack.of(scope)
    return _policy(
        # None of these can be limited to a resource.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiot.html
        iam.PolicyStatement(
            actions=[
                "iot:StartThingRegistrationTask",
                "iot:StopThingRegistrationTask",
                "iot:DescribeThingRegistrationTask",
                "iot:ListThingRegistrationTasks",
                "iot:ListThingRegistrationTaskReports",
                "iot:ListCertificates",
                "iot:ListThingPrincipals",
            ],
            resources=["*"],
        ),
        iam.PolicyStatement(
            actions=[
                "iot:DescribeThingType",
                "iot:DescribeThingGroup",
                "iot:DescribeBillingGroup",
                "iot:GetPolicy",
                "iot:DescribeThing",
                "iot:DescribeCertificate",
                # The rollback to a task that retires nothing brings back what its update retired.
                "iot:UpdateCertificate",
            ],
            resources=_of_iot(
                stack, "thingtype", "thinggroup", "billinggroup", "policy", "thing", "cert"
            ),
        ),
        iam.PolicyStatement(
            actions=["cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents"],
            resources=[stack.stack_id],
        ),
    )


def worker_role(
    scope: Construct, log_group: logs.LogGroup, registration: iam.PolicyDocument
) -> iam.Role:
    """Return the role of the worker; `task_permissions` adds what each task needs."""
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


def _of_iot(stack: Stack, *kinds: str) -> list[str]:
    return [stack.format_arn(service="iot", resource=kind, resource_name="*") for kind in kinds]


def _policy(*statements: iam.PolicyStatement) -> iam.PolicyDocument:
    return iam.PolicyDocument(statements=list(statements))
