"""An account with thousands of certificates and tasks of others, put straight into its state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from ministack.services import iot

from local.iot.registration_task import RegistrationTask
from local.iot.requests import StartRequest
from local.ministack.scope import Scope, in_scope
from local.simulation import SimulatedAws
from tests.simulation.assembly import TEMPLATE


class FilledAccount:
    """Adds what others have made; `clear` takes the certificates away again.

    The invariants describe each certificate that there is.
    """

    def __init__(self, aws: SimulatedAws) -> None:
        self._aws = aws
        self._scope = Scope(aws.account, aws.region)
        self._added: list[str] = []

    def add_certificates(self, count: int, made: datetime) -> None:
        """Add certificates that were made at a time; all have the key of one that is there."""
        with self._state():
            pem = next(iter(iot._certificates.values()))["certificatePem"]
            for _ in range(count):
                certificate_id = f"{len(self._added):064x}"
                record = iot._certificate_record(certificate_id, pem, "ACTIVE")
                record["creationDate"] = made.timestamp()
                iot._certificates[certificate_id] = record
                self._added.append(certificate_id)

    def add_tasks(self, count: int) -> None:
        """Add tasks that ended just now."""
        request = StartRequest(str(TEMPLATE), "of-others", "devices.jsonl", "arn:aws:iam::0:role/x")
        with self._state():
            for _ in range(count):
                task = RegistrationTask(self._scope, request)
                task.end("Completed")
                self._aws.registration_tasks.add(task)

    def clear(self) -> None:
        """Take the added certificates away."""
        with self._state():
            for certificate_id in self._added:
                del iot._certificates[certificate_id]
        self._added.clear()

    @contextmanager
    def _state(self) -> Iterator[None]:
        with self._aws.inside(), in_scope(self._scope):
            yield
