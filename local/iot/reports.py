"""RESULTS and ERRORS: files in a bucket of AWS IoT's own, returned as presigned links.

RESULTS lines have the shape that two public consumers read; the shape of ERRORS lines is
documented nowhere.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from typing import Any

from botocore.exceptions import ClientError

from local.iot.device_registration import Registration
from local.iot.errors import ServiceError
from local.iot.input_line import Line
from local.iot.registration_task import RegistrationTask
from local.ministack.clients import client, root_of

# The account of AWS IoT itself: the bucket is not among the customer's.
SERVICE_ACCOUNT = "999999999999"
LINES_PER_LINK = 10_000
# How long AWS's links live is not documented.
LINK_SECONDS = 3600


def result_line(
    line: Line, registered: Registration, omitted: Collection[str] = ()
) -> dict[str, object]:
    """Return a line of RESULTS, without the members that are omitted."""
    response: dict[str, object] = {"ResourceArns": dict(registered.resource_arns)}
    if registered.certificate_pem is not None and "CertificatePem" not in omitted:
        response = {"CertificatePem": registered.certificate_pem, **response}
    position = {} if "lineNumber" in omitted else {"lineNumber": line.number}
    return {"response": response, **position}


def error_line(line: Line, error: ServiceError, shape: str = "flat") -> dict[str, object]:
    """Return a line of ERRORS in one of three possible shapes: `flat`, `nested`, `message`."""
    position: dict[str, object] = {"lineNumber": line.number, "offset": line.offset}
    if shape == "nested":
        return {"response": {"error": error.code, "message": error.message}, **position}
    if shape == "message":
        return {"message": f"{error.code}: {error.message}"}
    return {**position, "errorCode": error.code, "errorMessage": error.message}


class Reports:
    """The two reports of one task, written while it runs; memory holds one unwritten file."""

    def __init__(self, task: RegistrationTask, lines_per_link: int = LINES_PER_LINK) -> None:
        self._task = task
        self._lines_per_link = lines_per_link
        self._pending: dict[str, list[bytes]] = {kind: [] for kind in task.reports}
        self._bucket = f"aws-iot-registration-reports-{task.scope.region}"

    async def add(self, kind: str, document: dict[str, object]) -> None:
        """Append a line to RESULTS or ERRORS."""
        pending = self._pending[kind]
        pending.append(
            json.dumps(document, ensure_ascii=False).encode(errors="backslashreplace") + b"\n"
        )
        if len(pending) >= self._lines_per_link:
            await self._write(kind)

    async def close(self) -> None:
        """Write the remaining lines."""
        for kind, pending in self._pending.items():
            if pending:
                await self._write(kind)

    async def _write(self, kind: str) -> None:
        body = b"".join(self._pending[kind])
        self._pending[kind].clear()
        keys = self._task.reports[kind]
        key = f"{self._task.scope.account}/{self._task.id}/{kind}-{len(keys) + 1}.json"
        await asyncio.to_thread(_put, self._task.scope.region, self._bucket, key, body)
        keys.append(key)


def links(task: RegistrationTask, kind: str, seconds: int = LINK_SECONDS) -> list[str]:
    """Return presigned links to a report's files, each valid for some seconds."""
    s3 = _s3(task.scope.region)
    bucket = f"aws-iot-registration-reports-{task.scope.region}"
    return [
        s3.generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=seconds
        )
        for key in task.reports[kind]
    ]


def _put(region: str, bucket: str, key: str, body: bytes) -> None:
    s3 = _s3(region)
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def _s3(region: str) -> Any:
    return client("s3", region, root_of(SERVICE_ACCOUNT))
