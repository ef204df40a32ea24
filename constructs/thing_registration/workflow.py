"""The workflow that carries out the requests of every ThingRegistrationTask of a stack."""

from importlib.resources import files

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from thing_registration.definition import definition

ID = "ThingRegistrationWorkflow"
WORKER_TIMEOUT = Duration.minutes(2)
WORKER_MEMORY_MIB = 256


class RegistrationWorkflow(Construct):
    """Two Lambdas and a state machine, made once for each stack.

    CloudFormation invokes `on_event`, which starts an execution named after the request; the
    execution calls the worker once a step and waits in between.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(
            self,
            "Log",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.worker_role = _lambda_role(
            self, "WorkerRole", log_group, {"Registration": _worker_statements(Stack.of(self))}
        )
        worker = _function(
            self, "Worker", "worker.handler", self.worker_role, log_group, WORKER_TIMEOUT
        )
        machine_role = iam.Role(
            self,
            "StateMachineRole",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            inline_policies={
                "InvokeWorker": _policy(
                    iam.PolicyStatement(
                        actions=["lambda:InvokeFunction"], resources=[worker.function_arn]
                    )
                )
            },
        )
        machine = sfn.StateMachine(
            self,
            "StateMachine",
            comment="Registers things with AWS IoT on behalf of CloudFormation",
            role=machine_role.without_policy_updates(),
            definition_body=sfn.DefinitionBody.from_string(
                Stack.of(self).to_json_string(definition(worker.function_arn))
            ),
        )
        on_event_role = _lambda_role(
            self, "OnEventRole", log_group, {"Executions": _on_event_statements(machine)}
        )
        self.on_event = _function(
            self, "OnEvent", "on_event.handler", on_event_role, log_group, Duration.minutes(1)
        )
        self.on_event.add_environment("STATE_MACHINE_ARN", machine.state_machine_arn)

    @classmethod
    def of(cls, scope: Construct) -> "RegistrationWorkflow":
        """Return the workflow of the scope's stack; the first call makes it."""
        stack = Stack.of(scope)
        found = stack.node.try_find_child(ID)
        return found if isinstance(found, cls) else cls(stack, ID)


def _worker_statements(stack: Stack) -> iam.PolicyDocument:
    return _policy(
        # None of these can be scoped to a resource.
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


def _on_event_statements(machine: sfn.StateMachine) -> iam.PolicyDocument:
    executions = Stack.of(machine).format_arn(
        service="states",
        resource="execution",
        resource_name=f"{machine.state_machine_name}:*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return _policy(
        iam.PolicyStatement(
            actions=["states:StartExecution", "states:ListExecutions"],
            resources=[machine.state_machine_arn],
        ),
        iam.PolicyStatement(
            actions=["states:DescribeExecution", "states:StopExecution"], resources=[executions]
        ),
    )


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


def _function(
    scope: Construct,
    construct_id: str,
    handler: str,
    role: iam.Role,
    log_group: logs.LogGroup,
    timeout: Duration,
) -> lambda_.Function:
    return lambda_.Function(
        scope,
        construct_id,
        runtime=lambda_.Runtime.PYTHON_3_14,
        architecture=lambda_.Architecture.ARM_64,
        # Byte code and caches of tools would change the asset's hash, and with it redeploy the
        # Lambda for nothing.
        code=lambda_.Code.from_asset(
            str(files("thing_registration._lambda")),
            exclude=["*", "!*.py", "!aws", "!steps", "**/__pycache__"],
        ),
        handler=handler,
        role=role,
        log_group=log_group,
        timeout=timeout,
        memory_size=WORKER_MEMORY_MIB,
    )


def _policy(*statements: iam.PolicyStatement) -> iam.PolicyDocument:
    return iam.PolicyDocument(statements=list(statements))
