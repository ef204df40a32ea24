"""The administration of a running local AWS: `/_local/faults`, `/_local/journal`, its process."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from urllib.parse import parse_qs

from local.faults.document import FaultDocument
from local.faults.parsing import parse_faults
from local.faults.strikes import Faults
from local.iot.registration_tasks import RegistrationTasks
from local.journal import Journal
from local.ministack.scope import Scope


class Admin:
    """Faults and journal over HTTP, without credentials: the port is open to loopback only."""

    def __init__(
        self, faults: Faults, journal: Journal, tasks: RegistrationTasks, scope: Scope
    ) -> None:
        self._faults = faults
        self._journal = journal
        self._tasks = tasks
        self._scope = scope

    def handle(self, method: str, path: str, query: str, body: bytes) -> tuple[int, bytes]:
        """Return the HTTP status and the JSON body of the answer."""
        if path == "/_local/faults":
            return self._serve_faults(method, body)
        if path == "/_local/journal":
            return self._serve_journal(method, query)
        if path == "/_local/process":
            return 200, _json({"pid": os.getpid()})
        return 404, _json({"message": f"no such address: {path}"})

    def _serve_faults(self, method: str, body: bytes) -> tuple[int, bytes]:
        if method == "DELETE":
            self._put(FaultDocument())
        elif method == "PUT":
            try:
                self._put(parse_faults(json.loads(body or b"{}")))
            except ValueError as error:
                return 400, _json({"message": str(error)})
        elif method != "GET":
            return 405, _json({"message": "GET, PUT or DELETE"})
        return 200, _json({**asdict(self._faults.document), "struck": self._faults.struck()})

    def _put(self, document: FaultDocument) -> None:
        struck = self._faults.struck()
        if struck:
            self._journal.write("strikes", struck=struck)
        self._faults.put(document)
        self._tasks.set_foreign(document.foreign_task_seconds, self._scope)

    def _serve_journal(self, method: str, query: str) -> tuple[int, bytes]:
        if method == "DELETE":
            self._journal.clear()
        elif method != "GET":
            return 405, _json({"message": "GET or DELETE"})
        wanted = parse_qs(query)
        kind = wanted.get("kind", [None])[0]
        try:
            after = int(wanted.get("after", ["0"])[0])
        except ValueError:
            return 400, _json({"message": "after must be a number"})
        return 200, _json({"entries": self._journal.entries(kind, after)})


def _json(document: object) -> bytes:
    return json.dumps(document, default=str).encode()
