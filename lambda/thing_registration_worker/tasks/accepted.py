"""What AWS has accepted of a task: its saved RESULTS, as entries of the inventory."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from thing_registration_worker.aws import s3
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.public_keys import UnreadableCertificate
from thing_registration_worker.fleet.public_keys import certificate_id as id_of_pem
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.step import Step


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
    for response in _saved(step, request_id, task_id, reports):
        line = by_name.get(thing_name(response))
        if line is not None:
            found.append(_entry(line, response))
    return found


def _entry(line: SentLine, response: Mapping[str, Any]) -> Entry:
    return Entry(
        "registered",
        line.thing_name,
        line.resources_hash,
        key=line.key,
        certificate_id=line.certificate_id or certificate_id(response),
        thing_made=line.thing_made or not line.thing_exists,
        certificate_made=line.certificate_made
        or (line.may_have_certificate and not line.certificate_id),
        at=int(time.time()),
    )


def responses(lines: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    """Yield what AWS has answered for each line; a line that cannot be read is passed over."""
    for raw in lines:
        try:
            response = json.loads(raw).get("response")
        except (ValueError, AttributeError):
            continue
        if isinstance(response, dict):
            yield response


def thing_name(response: Mapping[str, Any]) -> str:
    """Return the thing that AWS has registered; empty where the answer does not say."""
    return _of_kind(response, ":thing/")


def certificate_id(response: Mapping[str, Any]) -> str:
    """Return the id of the device's certificate; empty where the answer does not say."""
    try:
        return _of_kind(response, ":cert/") or id_of_pem(str(response.get("CertificatePem", "")))
    except UnreadableCertificate:
        return ""


def _of_kind(response: Mapping[str, Any], mark: str) -> str:
    """Return the end of the ARN of a thing or certificate; its keys are the template's own."""
    arns = response.get("ResourceArns")
    found = arns.values() if isinstance(arns, dict) else ()
    return next((str(arn).rpartition(mark)[2] for arn in found if mark in str(arn)), "")


def _saved(step: Step, request_id: str, task_id: str, reports: int) -> Iterator[Mapping[str, Any]]:
    declaration = step.request.declaration
    for number in range(reports):
        key = declaration.keys.report(request_id, task_id, "RESULTS", number)
        yield from responses(s3.lines(step.clients.s3, declaration.bucket, key))
