"""The calls of registration tasks and RegisterThing: their APIs and parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from local.iot import requests
from local.iot.errors import ServiceError
from local.ministack.permissions import Permissions
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

    @property
    def parameters(self) -> dict[str, Any]:
        """Return all parameters, for the journal."""
        parameters: dict[str, Any] = dict(self.query)
        if self.task_id:
            parameters["taskId"] = self.task_id
        if self.body:
            try:
                parameters.update(requests.body_document(self.body))
            except ServiceError:
                parameters["body"] = self.body.decode(errors="replace")
        return parameters


_APIS = {
    ("POST", "/thing-registration-tasks"): "StartThingRegistrationTask",
    ("GET", "/thing-registration-tasks"): "ListThingRegistrationTasks",
    ("GET", "/{id}"): "DescribeThingRegistrationTask",
    ("GET", "/reports"): "ListThingRegistrationTaskReports",
    ("PUT", "/cancel"): "StopThingRegistrationTask",
    ("POST", "/things"): "RegisterThing",
}
