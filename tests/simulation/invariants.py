"""What must hold after every row, whatever went wrong in it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.sent_lines import INPUT_KEY
from tests.simulation.waiting import until

MAX_ANSWER_BYTES = 4096


def assert_invariants(aws: Aws, by_hand: ByHand) -> None:
    """Assert all of them; ends the faults that are in force."""
    # The calls of these assertions are not to be struck.
    aws.faults(throttling=False)
    events = _events(aws, by_hand.superseded)
    each_request_was_answered_once(aws, events)
    events.update(by_hand.sent)
    every_answer_was_short(aws)
    nothing_of_ours_runs(aws)
    nothing_was_started_twice(aws, events)
    nothing_foreign_was_stopped(aws, events)
    nothing_was_certified_twice(by_hand)
    nothing_was_sent_to_be_certified_again(aws, by_hand)


def starts(aws: Aws) -> list[dict[str, Any]]:
    """Every StartThingRegistrationTask call of a worker that AWS has carried out."""
    return [call for call in _calls(aws, "StartThingRegistrationTask") if "result" in call]


def each_request_was_answered_once(aws: Aws, events: dict[str, dict[str, Any]]) -> None:
    """Exactly one accepted answer; of a request that a newer one supersedes, at most one."""
    accepted, sent = Counter[str](), Counter[str]()
    for answer in aws.journal("answer"):
        request_id = json.loads(answer["body"])["RequestId"]
        accepted[request_id] += answer["accepted"]
        sent[request_id] += 1
    for request_id, event in events.items():
        if event["superseded"]:
            gone = f"no answer in time to {event}"
            assert accepted[request_id] or not _timed_out(event), gone
            assert sent[request_id] <= 1, f"superseded, and yet answered twice: {event}"
        else:
            assert accepted[request_id] == 1, f"{accepted[request_id]} answers to {event}"


def _timed_out(event: dict[str, Any]) -> bool:
    """Whether CloudFormation has waited in vain, for as long as the construct lets it."""
    properties, waited = event["properties"], float(event.get("waited", 0.0))
    if event["by_hand"]:
        return False
    allowed = float(properties.get("ServiceTimeout", 3600))
    # A row may have declared a shorter time, to see CloudFormation give up.
    return waited >= allowed >= float(properties.get("TimeoutSeconds", 0)) + 300


def every_answer_was_short(aws: Aws) -> None:
    """CloudFormation takes less than 4,096 bytes."""
    for answer in aws.journal("answer"):
        assert answer["size"] < MAX_ANSWER_BYTES, answer


def nothing_of_ours_runs(aws: Aws) -> None:
    """Neither a task nor an execution is left over."""
    ours = {call["result"]["taskId"] for call in starts(aws)}
    for task in all_tasks(aws):
        assert task["taskId"] not in ours or task["status"] in ("Completed", "Failed", "Cancelled")
    # An execution may outlive its answer: a worker that died once it had sent it is called again.
    until("the end of all executions", lambda: _running_executions(aws), lambda arns: not arns)


def nothing_was_started_twice(aws: Aws, events: dict[str, dict[str, Any]]) -> None:
    """One task for each file, and each file is of a request that was sent."""
    keys = Counter(call["parameters"]["inputFileKey"] for call in starts(aws))
    assert not [key for key, count in keys.items() if count > 1], f"started twice: {keys}"
    for key in keys:
        found = INPUT_KEY.fullmatch(key)
        assert found, f"not where inputs lie: {key}"
        assert found["request"] in events, f"of no request: {key}"


def nothing_foreign_was_stopped(aws: Aws, events: dict[str, dict[str, Any]]) -> None:
    """A worker stops only tasks on an input of its own stack."""
    inputs = {
        task["taskId"]: f"{task['inputFileBucket']}/{task['inputFileKey']}"
        for task in all_tasks(aws)
    }
    prefixes = {
        (event["stack_id"].split("/")[1], f"{properties['Bucket']}/{properties['KeyPrefix']}")
        for event in events.values()
        for properties in [event["properties"]]
    }
    for call in _calls(aws, "StopThingRegistrationTask"):
        stack = call["caller"].partition(":assumed-role/")[2].partition("-")[0]
        stopped = inputs[call["parameters"]["taskId"]]
        own = [prefix for name, prefix in prefixes if name == stack]
        assert stopped.startswith(tuple(own)), f"{stack} stopped {stopped}"


def nothing_was_certified_twice(by_hand: ByHand) -> None:
    """No key has two certificates, whatever they are attached to, but by the test itself."""
    certificates: dict[bytes, list[str]] = defaultdict(list)
    for certificate in by_hand.registry.certificates():
        if certificate.certificate_id not in by_hand.certificates:
            certificates[certificate.key].append(certificate.certificate_id)
    twice = [ids for ids in certificates.values() if len(ids) > 1]
    assert not twice, f"certificates with the same key: {twice}"


def nothing_was_sent_to_be_certified_again(aws: Aws, by_hand: ByHand) -> None:
    """No task was given a CSR for whose key AWS had a certificate, whether or not it made one."""
    began = {task["taskId"]: task["creationDate"] for task in all_tasks(aws)}
    made = {each.key: each.made for each in by_hand.registry.certificates()}
    for file in by_hand.sent_files.of(starts(aws)):
        known = [key for key in file.csr_keys() if key in made and made[key] < began[file.task_id]]
        assert not known, f"{len(known)} CSRs of keys with a certificate were sent: {file}"


def all_tasks(aws: Aws) -> list[dict[str, Any]]:
    """Every registration task that there ever was, the oldest first."""
    iot = aws.client("iot")
    pages = iot.get_paginator("list_thing_registration_tasks").paginate()
    tasks = [
        iot.describe_thing_registration_task(taskId=task_id)
        for page in pages
        for task_id in page["taskIds"]
    ]
    return sorted(tasks, key=lambda task: task["creationDate"])


def _events(aws: Aws, superseded: Collection[str]) -> dict[str, dict[str, Any]]:
    """CloudFormation's requests by id; of each, whether a newer one came before its answer."""
    events: dict[str, dict[str, Any]] = {}
    under_way: dict[tuple[str, str], str] = {}
    for entry in aws.journal():
        if entry["kind"] == "answer" and entry["accepted"]:
            under_way = {
                key: value for key, value in under_way.items() if value != entry["request_id"]
            }
        if entry["kind"] == "event" and entry["request_id"] not in events:
            by_hand = entry["request_id"] in superseded
            events[entry["request_id"]] = {**entry, "superseded": by_hand, "by_hand": by_hand}
            resource = (entry["stack_id"], entry["logical_id"])
            if resource in under_way:
                older = events[under_way[resource]]
                older["superseded"], older["waited"] = True, entry["time"] - older["time"]
            under_way[resource] = entry["request_id"]
    return events


def _calls(aws: Aws, api: str) -> Iterator[dict[str, Any]]:
    """Calls of a worker; the tests' own are those of the account's root."""
    for call in aws.journal("call"):
        if call["api"] == api and ":assumed-role/" in call["caller"]:
            yield call


def _running_executions(aws: Aws) -> list[str]:
    states = aws.client("stepfunctions")
    return [
        execution["executionArn"]
        for machine in states.list_state_machines()["stateMachines"]
        for execution in states.list_executions(
            stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING"
        )["executions"]
    ]


def kept_lines(aws: Aws, uri: str) -> int:
    """How many lines the reports have that a run has kept."""
    bucket, _, folder = uri.removeprefix("s3://").partition("/")
    s3 = aws.client("s3")
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=folder).get("Contents", [])
    reports = [each["Key"] for each in listed if each["Key"].endswith(".jsonl")]
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in reports]
    return sum(len(body.splitlines()) for body in bodies)
