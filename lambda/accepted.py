"""What AWS has accepted of a task: its saved RESULTS, as entries of the inventory."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aws import s3
from fleet.inventory_entry import Entry
from fleet.public_keys import UnreadableCertificate, certificate_id
from sent_lines import SentLine
from step import Step


def entries(
    step: Step, request_id: str, task_id: str, reports: int, sent: Iterable[SentLine]
) -> list[Entry]:
    """Return an entry for each line that AWS says it has registered.

    Args:
        step: the step that asks.
        request_id: the request that has started the task.
        task_id: the task.
        reports: how many RESULTS of it are saved.
        sent: the lines that the task has read.
    """
    by_name = {line.thing_name: line for line in sent}
    found = []
    for response in _responses(step, request_id, task_id, reports):
        line = by_name.get(_of_kind(response, ":thing/"))
        if line is not None:
            found.append(_entry(line, response))
    return found


def _entry(line: SentLine, response: Mapping[str, Any]) -> Entry:
    declared = line.certificate_id or _of_kind(response, ":cert/")
    return Entry(
        "registered",
        line.thing_name,
        line.resources_hash,
        key=line.key,
        certificate_id=declared or _id_of_pem(response),
        thing_made=line.thing_made or not line.thing_exists,
        certificate_made=line.certificate_made
        or (line.may_have_certificate and not line.certificate_id),
        at=int(time.time()),
    )


def _of_kind(response: Mapping[str, Any], mark: str) -> str:
    """Return the end of the ARN of a thing or certificate; its keys are the template's own."""
    arns = response.get("ResourceArns")
    found = arns.values() if isinstance(arns, dict) else ()
    return next((str(arn).rpartition(mark)[2] for arn in found if mark in str(arn)), "")


def _id_of_pem(response: Mapping[str, Any]) -> str:
    try:
        return certificate_id(str(response.get("CertificatePem", "")))
    except UnreadableCertificate:
        return ""


def _responses(
    step: Step, request_id: str, task_id: str, reports: int
) -> Iterator[Mapping[str, Any]]:
    """Yield what AWS has answered for each line; a line that cannot be read is passed over."""
    declaration = step.request.declaration
    for number in range(reports):
        key = declaration.keys.report(request_id, task_id, "RESULTS", number)
        for raw in s3.lines(step.clients.s3, declaration.bucket, key):
            try:
                response = json.loads(raw).get("response")
            except (ValueError, AttributeError):
                continue
            if isinstance(response, dict):
                yield response
