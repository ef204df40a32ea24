"""A registration task's run, from its input file to its reports."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from local.faults.assumptions import Assumptions
from local.faults.document import RoleFault, TaskFault
from local.faults.strikes import Faults
from local.iot.desired_device import desired_device
from local.iot.device_registration import register
from local.iot.errors import ServiceError
from local.iot.input_file import InputFile, open_input
from local.iot.input_line import Line, line_values
from local.iot.registration_task import RegistrationTask
from local.iot.registry import Registry
from local.iot.reports import Reports, error_line, result_line
from local.iot.template import Template, parse_template
from local.ministack.clients import Credentials, assume_role
from local.ministack.permissions import Permissions, role_trusts_iot
from local.ministack.scope import Scope

_logger = logging.getLogger("local")
SESSION_NAME = "AWSIoTThingRegistration"

RegistryFor = Callable[[Scope, Permissions], Registry]


class TaskRunner:
    """Runs tasks at a rate of things per second (None: as fast as it can)."""

    def __init__(
        self, registry_for: RegistryFor, faults: Faults, things_per_second: float | None
    ) -> None:
        self._registry_for = registry_for
        self._faults = faults
        self._things_per_second = things_per_second

    @property
    def _assumed(self) -> Assumptions:
        return self._faults.document.assumptions

    async def run(self, task: RegistrationTask) -> None:
        """Run a task to its end. An error becomes its status and message."""
        fault = self._faults.task()
        task.reported_successes = fault.success_count
        task.reported_failures = fault.failure_count
        reports = Reports(task, self._faults.document.reports.lines_per_link)
        try:
            fault_of_role = self._faults.document.role
            refused_here = fault_of_role.at == "task" and not role_trusts_iot(
                task.scope,
                task.request.role_arn,
                source_account=self._assumed.source_account_key,
            )
            if self._faults.role_is_unusable("task") or refused_here:
                raise role_error(task.request.role_arn, fault_of_role)
            credentials = await asyncio.to_thread(
                assume_role, task.scope, task.request.role_arn, SESSION_NAME
            )
            await self._lines(task, credentials, reports, fault)
            await self._before_end(task, fault)
            await reports.close()
        except Exception as error:  # the one place where a task's error becomes its status
            if not isinstance(error, (ServiceError, ClientError, BotoCoreError)):
                _logger.exception("task %s", task.id)
            try:
                await reports.close()
            finally:
                task.end("Failed", str(error))
            return
        if task.status == "Cancelling":
            if self._faults.document.cancelling_seconds:
                self._faults.strike("cancelling_seconds")
            await asyncio.sleep(self._faults.document.cancelling_seconds)
            task.end("Cancelled")
        elif fault.ends == "Failed":
            task.end("Failed", fault.message or "An internal failure occurred")
        else:
            task.end("Completed")

    async def _lines(
        self, task: RegistrationTask, credentials: Credentials, reports: Reports, fault: TaskFault
    ) -> None:
        template = parse_template(task.request.template_body, self._assumed)
        registry = self._registry_for(task.scope, Permissions(task.scope, credentials.access_key))
        input_file = await open_input(task.scope, task.request, credentials)
        due = time.monotonic()
        async for line in input_file.lines(self._assumed.blank_lines):
            if task.status != "InProgress":
                return
            if fault.ends != "Completed" and task.successes + task.failures >= fault.after_lines:
                return
            await self._line(task, registry, template, reports, input_file, line)
            due = await self._pace(due)

    async def _line(
        self,
        task: RegistrationTask,
        registry: Registry,
        template: Template,
        reports: Reports,
        input_file: InputFile,
        line: Line,
    ) -> None:
        done = min(line.offset + len(line.content) + 1, input_file.size)
        percentage = 100 * done // input_file.size
        try:
            self._reached(line, "nothing")
            values = line_values(line.content, self._assumed)
            desired = desired_device(template, values, self._assumed)
            made = await register(registry, desired, self._assumed, partial(self._reached, line))
        except ServiceError as error:
            await reports.add("ERRORS", error_line(self._shown(line), error, self._errors_format()))
            task.count(success=False, percentage=percentage)
        else:
            omitted = self._assumed.results_omit
            await reports.add("RESULTS", result_line(self._shown(line), made, omitted))
            task.count(success=True, percentage=percentage)

    def _reached(self, line: Line, stage: str) -> None:
        """Raise the fault that strikes a line at a stage of its registration."""
        fault = self._faults.line(line.number, line.content, stage)
        if fault is not None:
            raise ServiceError(fault.code, fault.message)

    def _shown(self, line: Line) -> Line:
        """Return a line with its number as the reports have it."""
        first = self._faults.document.reports.first_line_number
        if first != 1:
            self._faults.strike("reports.first_line_number")
        return replace(line, number=line.number - 1 + first)

    def _errors_format(self) -> str:
        errors_format = self._faults.document.reports.errors_format
        if errors_format != "flat":
            self._faults.strike("reports.errors_format")
        return errors_format

    async def _pace(self, due: float) -> float:
        """Wait until the next line is due and return when the one after it is."""
        rate = self._faults.document.things_per_second or self._things_per_second
        if not rate:
            await asyncio.sleep(0)
            return due
        due = max(due, time.monotonic() - 1 / rate) + 1 / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        return due

    async def _before_end(self, task: RegistrationTask, fault: TaskFault) -> None:
        if fault.ends == "Cancelled":
            task.cancel()
        if fault.ends == "hangs":
            await task.cancelled()


def role_error(role_arn: str, fault: RoleFault) -> ServiceError:
    """Return AWS IoT's error about a role that it cannot assume; a fault may word it."""
    message = f"iot.amazonaws.com is unable to perform: sts:AssumeRole on resource: {role_arn}"
    return ServiceError(fault.code, message if fault.message is None else fault.message)
