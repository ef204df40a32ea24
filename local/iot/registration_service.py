"""The registration-task calls and RegisterThing over HTTP.

Source: https://docs.aws.amazon.com/iot/latest/apireference/API_StartThingRegistrationTask.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from botocore.exceptions import ClientError

from local.faults.document import CallFault
from local.faults.strikes import Faults
from local.iot import requests
from local.iot.calls import Call
from local.iot.desired_device import desired_device
from local.iot.device_registration import register
from local.iot.errors import Reply, ServiceError, dropped, error_reply, invalid_request
from local.iot.input_file import open_input
from local.iot.paging import DEFAULT_PAGE_SIZE, paginate
from local.iot.registration_task import RegistrationTask
from local.iot.registration_tasks import RegistrationTasks
from local.iot.reports import links
from local.iot.requests import StartRequest
from local.iot.task_runner import SESSION_NAME, RegistryFor, TaskRunner, role_error
from local.iot.template import parse_template
from local.iot.throttle import CALLS_PER_SECOND, Throttle
from local.journal import Journal
from local.ministack.clients import assume_role
from local.ministack.permissions import IOT_SERVICE, denial, role_trusts_iot
from local.ministack.scope import Scope

_BUSY = "The maximum number of registration tasks in progress has been reached: 1"


class RegistrationService:
    """The service; one instance serves all accounts and Regions."""

    def __init__(
        self,
        tasks: RegistrationTasks,
        runner: TaskRunner,
        registry_for: RegistryFor,
        faults: Faults,
        journal: Journal,
    ) -> None:
        self._tasks = tasks
        self._runner = runner
        self._registry_for = registry_for
        self._faults = faults
        self._journal = journal
        self._throttle = Throttle()
        self._runs: set[asyncio.Task[None]] = set()
        self._operations: dict[str, Callable[[Call], Awaitable[dict[str, object]]]] = {
            "StartThingRegistrationTask": self._start,
            "ListThingRegistrationTasks": self._list,
            "DescribeThingRegistrationTask": self._describe,
            "ListThingRegistrationTaskReports": self._reports,
            "StopThingRegistrationTask": self._stop,
            "RegisterThing": self._register_thing,
        }

    def clear(self) -> None:
        """Forget how often each call was made."""
        self._throttle.clear()
        self._runs.clear()

    async def handle(self, call: Call) -> Reply | None:
        """Return the reply to a call, or None if it is not one of this service.

        Raises:
            ServiceError: the call is refused.
        """
        api = call.api
        if api is None:
            return None
        entry: dict[str, Any] = {
            "api": api,
            "account": call.scope.account,
            "region": call.scope.region,
            "caller": call.caller.principal_arn,
            "parameters": call.parameters,
        }
        fault = self._faults.call("iot", api)
        if fault is not None and fault.when == "before":
            await asyncio.sleep(fault.latency)
            if fault.what == "dropped" or fault.code is not None:
                return self._fail(fault, entry)
        try:
            if self._faults.document.throttling:
                multiplier = self._faults.document.quota or 1
                self._throttle.take((call.scope, api), CALLS_PER_SECOND * multiplier)
            answer = await self._operations[api](call)
        except ServiceError as error:
            self._journal.write("call", **entry, error=error.code, message=error.message)
            raise
        self._journal.write("call", **entry, result=answer)
        if fault is not None and fault.when == "after":
            await asyncio.sleep(fault.latency)
            if fault.what == "dropped" or fault.code is not None:
                return self._fail(fault, {**entry, "took_effect": True})
        return Reply(answer)

    def _fail(self, fault: CallFault, entry: dict[str, Any]) -> Reply:
        """Return the answer that a fault gives; what took effect has an entry of its own."""
        if fault.what == "dropped":
            self._write_failure(entry, "dropped", "the connection was closed without an answer")
            return dropped()
        self._write_failure(entry, str(fault.code), fault.message)
        return error_reply(ServiceError(str(fault.code), fault.message, fault.status))

    def _write_failure(self, entry: dict[str, Any], error: str, message: str) -> None:
        if entry.pop("took_effect", False):
            self._journal.write("fault", fault="calls", service="iot", **entry, code=error)
        else:
            self._journal.write("call", **entry, error=error, message=message)

    async def _start(self, call: Call) -> dict[str, object]:
        request = requests.start_request(requests.body_document(call.body))
        assumed = self._faults.document.assumptions
        parse_template(request.template_body, assumed)
        passed = {"iam:passedtoservice": IOT_SERVICE}
        if not self._faults.document.passed_to_service_key:
            self._faults.strike("passed_to_service_key")
            passed = {}
        if not call.caller.allow("iam:PassRole", request.role_arn, passed):
            raise ServiceError(
                "AccessDeniedException",
                denial(call.caller.principal_arn, "iam:PassRole", request.role_arn),
            )
        await self._check_role(call.scope, request)
        self._check_slot(call.scope)
        task = RegistrationTask(call.scope, request)
        self._tasks.add(task)
        run = asyncio.get_running_loop().create_task(self._runner.run(task))
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)
        return {"taskId": task.id}

    async def _check_role(self, scope: Scope, request: StartRequest) -> None:
        """Raise if Start notices that the role cannot be assumed, or cannot read the input."""
        assumed, fault = self._faults.document.assumptions, self._faults.document.role
        trusted = fault.at != "start" or role_trusts_iot(
            scope, request.role_arn, source_account=assumed.source_account_key
        )
        if self._faults.role_is_unusable("start") or not trusted:
            raise role_error(request.role_arn, fault)
        if assumed.input_read_by == "start":
            credentials = await asyncio.to_thread(
                assume_role, scope, request.role_arn, SESSION_NAME
            )
            try:
                await open_input(scope, request, credentials)
            except ClientError as error:
                raise invalid_request(str(error)) from None

    def _check_slot(self, scope: Scope) -> None:
        """Raise if a task is running; which code AWS uses is UNCONFIRMED: `busy_code`."""
        running = self._tasks.running(scope)
        ended = self._tasks.last_end(scope)
        if running is None and not self._faults.slot_is_freed_late(ended):
            return
        faults = self._faults.document
        if running is not None and self._tasks.is_foreign(running):
            self._faults.strike("foreign_task_seconds")
        for name in ("busy_code", "busy_message"):
            self._faults.strike(name)
        raise ServiceError(faults.busy_code, faults.busy_message or _BUSY)

    async def _list(self, call: Call) -> dict[str, object]:
        status = requests.status_filter(call.query)
        lag = self._faults.document.list_lag_seconds
        found = self._tasks.find(call.scope, status, lag)
        if found != self._tasks.find(call.scope, status):
            self._faults.strike("list_lag_seconds")
        if any(task.running and self._tasks.is_foreign(task) for task in found):
            self._faults.strike("foreign_task_seconds")
        size = self._faults.document.page_size or DEFAULT_PAGE_SIZE
        ids, token = paginate([task.id for task in found], requests.page(call.query), size)
        return {"taskIds": ids, **token}

    async def _describe(self, call: Call) -> dict[str, object]:
        task_id = requests.task_id(call.task_id)
        described = self._tasks.get(call.scope, task_id).description(
            live_counts=self._faults.document.assumptions.live_counts
        )
        omitted = self._faults.document.describe_omits
        if not described.keys().isdisjoint(omitted):
            self._faults.strike("describe_omits")
        return {name: value for name, value in described.items() if name not in omitted}

    async def _stop(self, call: Call) -> dict[str, object]:
        self._tasks.get(call.scope, requests.task_id(call.task_id)).cancel()
        return {}

    async def _reports(self, call: Call) -> dict[str, object]:
        request = requests.reports_request(call.task_id, call.query)
        # ResourceNotFoundException is not modelled for this call.
        try:
            task = self._tasks.get(call.scope, request.task_id)
        except ServiceError as error:
            raise invalid_request(error.message) from None
        fault = self._faults.document.reports
        found: list[str] = []
        kept = self._faults.document.assumptions.reports_of_cancelled
        if not task.running and (kept or task.status != "Cancelled"):
            found = links(task, request.report_type, fault.link_seconds)
            if request.page.token is None:
                self._faults.count_listing(task.id, request.report_type)
            listed = self._faults.listed_links(
                task.id, request.report_type, len(found), task.modified
            )
            found = found[:listed]
        size = self._faults.document.page_size or DEFAULT_PAGE_SIZE
        page, token = paginate(found, request.page, size)
        return {"resourceLinks": page, "reportType": request.report_type, **token}

    async def _register_thing(self, call: Call) -> dict[str, object]:
        """Register one thing with the permissions of the caller.

        Source: https://docs.aws.amazon.com/iot/latest/apireference/API_RegisterThing.html
        """
        document = requests.body_document(call.body)
        assumed = self._faults.document.assumptions
        template = parse_template(requests.template_body(document), assumed)
        values = requests.parameters(document)
        registry = self._registry_for(call.scope, call.caller)
        made = await register(registry, desired_device(template, values, assumed), assumed)
        answer: dict[str, object] = {"resourceArns": dict(made.resource_arns)}
        if made.certificate_pem is not None:
            answer["certificatePem"] = made.certificate_pem
        return answer
