"""The registration-task calls and RegisterThing over HTTP.

Source: https://docs.aws.amazon.com/iot/latest/apireference/API_StartThingRegistrationTask.html
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from local.faults.strikes import Faults
from local.iot import requests
from local.iot.desired_device import desired_device
from local.iot.device_registration import register
from local.iot.errors import Reply, ServiceError, invalid_request
from local.iot.paging import DEFAULT_PAGE_SIZE, paginate
from local.iot.registration_task import RegistrationTask
from local.iot.registration_tasks import RegistrationTasks
from local.iot.reports import links
from local.iot.task_runner import RegistryFor, TaskRunner, role_message
from local.iot.template import parse_template
from local.iot.throttle import CALLS_PER_SECOND, Throttle
from local.journal import Journal
from local.ministack.permissions import IOT_SERVICE, Permissions, denial, role_trusts_iot
from local.ministack.scope import Scope

_TASK_PATH = re.compile(r"/thing-registration-tasks/([^/]+)(/cancel|/reports)?")


@dataclass(frozen=True)
class Call:
    """One call of the service, with the permissions of its caller."""

    scope: Scope
    caller: Permissions
    method: str
    path: str
    query: Mapping[str, str]
    body: bytes

    @property
    def api(self) -> str | None:
        """Return the name of the API, or None if it is not one of this service."""
        match = _TASK_PATH.fullmatch(self.path)
        return _APIS.get((self.method, (match[2] or "/{id}") if match else self.path))

    @property
    def task_id(self) -> str:
        """Return the task id in the path."""
        match = _TASK_PATH.fullmatch(self.path)
        return unquote(match[1]) if match else ""


_APIS = {
    ("POST", "/thing-registration-tasks"): "StartThingRegistrationTask",
    ("GET", "/thing-registration-tasks"): "ListThingRegistrationTasks",
    ("GET", "/{id}"): "DescribeThingRegistrationTask",
    ("GET", "/reports"): "ListThingRegistrationTaskReports",
    ("PUT", "/cancel"): "StopThingRegistrationTask",
    ("POST", "/things"): "RegisterThing",
}


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
        self._throttle = Throttle(CALLS_PER_SECOND)
        self._runs: set[asyncio.Task[None]] = set()
        self._operations: dict[str, Callable[[Call], Awaitable[dict[str, object]]]] = {
            "StartThingRegistrationTask": self._start,
            "ListThingRegistrationTasks": self._list,
            "DescribeThingRegistrationTask": self._describe,
            "ListThingRegistrationTaskReports": self._reports,
            "StopThingRegistrationTask": self._stop,
            "RegisterThing": self._register_thing,
        }

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
            "parameters": _parameters(call),
        }
        try:
            fault = self._faults.call("iot", api)
            if fault is not None:
                raise ServiceError(fault.code, fault.message, fault.status)
            if self._faults.document.throttling:
                self._throttle.take((call.scope, api))
            answer = await self._operations[api](call)
        except ServiceError as error:
            self._journal.write("call", **entry, error=error.code, message=error.message)
            raise
        self._journal.write("call", **entry, result=answer)
        return Reply(answer)

    async def _start(self, call: Call) -> dict[str, object]:
        request = requests.start_request(requests.body_document(call.body))
        parse_template(request.template_body)
        passed = {"iam:passedtoservice": IOT_SERVICE}
        if not call.caller.allow("iam:PassRole", request.role_arn, passed):
            raise ServiceError(
                "AccessDeniedException",
                denial(call.caller.principal_arn, "iam:PassRole", request.role_arn),
            )
        unusable = self._faults.role_is_unusable("start")
        if unusable or not role_trusts_iot(call.scope, request.role_arn):
            raise invalid_request(role_message(request.role_arn))
        task = RegistrationTask(call.scope, request)
        self._tasks.add(task, self._faults.document.busy_code)
        run = asyncio.get_running_loop().create_task(self._runner.run(task))
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)
        return {"taskId": task.id}

    async def _list(self, call: Call) -> dict[str, object]:
        found = self._tasks.find(call.scope, requests.status_filter(call.query))
        size = self._faults.document.page_size or DEFAULT_PAGE_SIZE
        ids, token = paginate([task.id for task in found], requests.page(call.query), size)
        return {"taskIds": ids, **token}

    async def _describe(self, call: Call) -> dict[str, object]:
        return self._tasks.get(call.scope, call.task_id).description()

    async def _stop(self, call: Call) -> dict[str, object]:
        self._tasks.get(call.scope, call.task_id).cancel()
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
        if not task.running and not self._faults.reports_are_late(task.modified):
            found = links(task, request.report_type, fault.link_seconds)
        size = self._faults.document.page_size or DEFAULT_PAGE_SIZE
        page, token = paginate(found, request.page, size)
        return {"resourceLinks": page, "reportType": request.report_type, **token}

    async def _register_thing(self, call: Call) -> dict[str, object]:
        """Register one thing with the permissions of the caller.

        Source: https://docs.aws.amazon.com/iot/latest/apireference/API_RegisterThing.html
        """
        document = requests.body_document(call.body)
        template = parse_template(requests.template_body(document))
        values = requests.parameters(document)
        registry = self._registry_for(call.scope, call.caller)
        made = await register(registry, desired_device(template, values))
        answer: dict[str, object] = {"resourceArns": dict(made.resource_arns)}
        if made.certificate_pem is not None:
            answer["certificatePem"] = made.certificate_pem
        return answer


def _parameters(call: Call) -> dict[str, Any]:
    parameters: dict[str, Any] = dict(call.query)
    if call.task_id:
        parameters["taskId"] = call.task_id
    if call.body:
        try:
            parameters.update(requests.body_document(call.body))
        except ServiceError:
            parameters["body"] = call.body.decode(errors="replace")
    return parameters
