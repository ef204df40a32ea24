"""The workflow that carries out the requests of every ThingRegistrationTask of a stack."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from aws_cdk import Aspects, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

import thing_registration_worker
from thing_registration.deregister import Deregister
from thing_registration.stack.inline_policies import InlinePolicies
from thing_registration.stack.other_inputs import OtherInputs
from thing_registration.stack.permissions import (
    create_prerequisites,
    delete_devices,
    iot_role,
    on_event_role,
    pass_role,
    registration_rights,
    retire_devices,
    state_machine_role,
    worker_role,
)
from thing_registration.stack.state_machine import definition
from thing_registration.stack.task_order import PRIORITY, TaskOrder

ID = "ThingRegistrationWorkflow"
#: The package of both Lambdas; next to it, where the library is installed, are those of others.
PACKAGE = Path(thing_registration_worker.__file__).parent
LOG_RETENTION = logs.RetentionDays.THREE_MONTHS
LAMBDA_RUNTIME = lambda_.Runtime.PYTHON_3_14
# Lambda gives CPU by memory: this is one core, which the worker needs to compare a large fleet.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
WORKER_MEMORY_MIB = 1_769
ON_EVENT_MEMORY_MIB = 256
WORKER_TIMEOUT = Duration.minutes(1)
ON_EVENT_TIMEOUT = Duration.minutes(1)
# Lambda keeps an event for up to six hours. One that comes later than this would be carried out
# when CloudFormation has stopped waiting for it.
ON_EVENT_MAX_AGE = Duration.minutes(4)


class RegistrationWorkflow(Construct):
    """Two Lambdas and a state machine, made once for each stack.

    CloudFormation invokes `on_event`, which starts an execution named after the request; the
    execution calls the worker once per step and waits in between.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        # Retained, because the log of a first deployment that failed says why it did. Its name is
        # generated, so it is never in the way of another.
        log_group = logs.LogGroup(
            self, "Log", retention=LOG_RETENTION, removal_policy=RemovalPolicy.RETAIN
        )
        self._log_group = log_group
        self._iot_role: iam.Role | None = None
        self._stated_retention: logs.RetentionDays | None = None
        # What all tasks need of it, and what each one does: it can be added to until synth.
        self.worker_rights = registration_rights(self)
        self.worker_role = worker_role(self, log_group, self.worker_rights)
        self.worker_policies = InlinePolicies("the worker", self.worker_rights)
        self.node.add_validation(self.worker_policies)
        self.tasks = TaskOrder(self)
        self.inputs = OtherInputs()
        self.node.add_validation(self.inputs)
        Aspects.of(self).add(self.tasks, priority=PRIORITY)
        worker = _function(
            self,
            "Worker",
            "thing_registration_worker.worker.handler",
            role=self.worker_role,
            log_group=log_group,
            timeout=WORKER_TIMEOUT,
            memory_mib=WORKER_MEMORY_MIB,
        )
        machine = sfn.StateMachine(
            self,
            "StateMachine",
            comment="Registers things with AWS IoT on behalf of CloudFormation",
            role=state_machine_role(self, worker).without_policy_updates(),
            definition_body=sfn.DefinitionBody.from_string(
                Stack.of(self).to_json_string(definition(worker.function_arn))
            ),
        )
        role = on_event_role(self, log_group, machine)
        self.on_event = _function(
            self,
            "OnEvent",
            "thing_registration_worker.on_event.handler",
            role=role,
            log_group=log_group,
            timeout=ON_EVENT_TIMEOUT,
            memory_mib=ON_EVENT_MEMORY_MIB,
        )
        self.on_event.configure_async_invoke(max_event_age=ON_EVENT_MAX_AGE)
        self.on_event.add_environment("STATE_MACHINE_ARN", machine.state_machine_arn)

    @classmethod
    def of(
        cls, scope: Construct, log_retention: logs.RetentionDays | None = None
    ) -> RegistrationWorkflow:
        """Return the workflow of the scope's stack; the first call makes it.

        Raises:
            ValueError: another task of the stack states another retention.
        """
        cls.check_log_retention(scope, log_retention)
        workflow = cls._find(scope) or cls(Stack.of(scope), ID)
        if log_retention is not None and workflow._stated_retention is None:
            workflow._stated_retention = log_retention
            _resource(workflow._log_group).retention_in_days = _days(log_retention)
        return workflow

    def iot_role(self) -> iam.Role:
        """Return the role that AWS IoT assumes for the tasks without one of the user's.

        The first call makes it. The worker may pass it by a reference to it, so that an Aspect may
        give the roles of an app another path or name; and it is here, and not in a task, so that
        one task may wait for another: every task waits for the worker's rights.
        """
        if self._iot_role is None:
            self._iot_role = iot_role(self)
            self.worker_rights.add_statements(pass_role(self._iot_role.role_arn))
        return self._iot_role

    def allow_to_create_prerequisites(self) -> None:
        """Let the worker make what devices refer to."""
        # CDK writes equal statements once.
        self.worker_rights.add_statements(create_prerequisites(self))

    def allow_to_move_certificates(self) -> None:
        """Let the worker detach certificates from things and attach them."""
        self.worker_rights.add_statements(*retire_devices(self))

    def allow_to_deregister(self, deregister: Deregister) -> None:
        """Let the worker do what was chosen, and no more."""
        if deregister is not Deregister.NEVER:
            self.worker_rights.add_statements(*retire_devices(self))
        if deregister is Deregister.ALL:
            self.worker_rights.add_statements(delete_devices(self))

    @classmethod
    def check_log_retention(
        cls, scope: Construct, log_retention: logs.RetentionDays | None
    ) -> None:
        """Check how long a task wants the log to be kept that all tasks of its stack share.

        Raises:
            ValueError: another task of the stack states another retention.
        """
        workflow = cls._find(scope)
        stated = workflow._stated_retention if workflow else None
        if stated is not None and log_retention is not None and stated != log_retention:
            raise ValueError(
                "log_retention must be the same for all tasks of a stack, because they share one "
                f"log group: got {log_retention.name}, but another task states {stated.name}"
            )

    @classmethod
    def _find(cls, scope: Construct) -> RegistrationWorkflow | None:
        found = Stack.of(scope).node.try_find_child(ID)
        return found if isinstance(found, cls) else None


def _days(retention: logs.RetentionDays) -> float | None:
    """Return the number that CDK makes of a retention; None if the log is kept for ever."""
    # In Python the enum holds names only. A log group of no app shows CDK's number.
    return _resource(logs.LogGroup(Stack(), "Log", retention=retention)).retention_in_days


def _resource(log_group: logs.LogGroup) -> logs.CfnLogGroup:
    return cast(logs.CfnLogGroup, log_group.node.default_child)


def _function(
    scope: Construct,
    construct_id: str,
    handler: str,
    *,
    role: iam.Role,
    log_group: logs.LogGroup,
    timeout: Duration,
    memory_mib: int,
) -> lambda_.Function:
    return lambda_.Function(
        scope,
        construct_id,
        runtime=LAMBDA_RUNTIME,
        architecture=lambda_.Architecture.ARM_64,
        # Byte code and caches of tools would change the asset's hash, and with it redeploy the
        # Lambda for nothing.
        code=lambda_.Code.from_asset(
            str(PACKAGE.parent),
            exclude=["*", f"!{PACKAGE.name}", f"!{PACKAGE.name}/**", "**/__pycache__"],
        ),
        handler=handler,
        role=role,
        log_group=log_group,
        timeout=timeout,
        memory_size=memory_mib,
    )
