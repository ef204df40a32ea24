"""What must hold after every row, whatever went wrong in it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from cryptography import x509

from local import LocalAws
from tests.faults.by_hand import ByHand
from tests.faults.devices import keys_of, public_key
from tests.faults.waiting import until

MAX_ANSWER_BYTES = 4096


def assert_invariants(aws: LocalAws, by_hand: ByHand) -> None:
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
    nothing_was_certified_twice(aws, events)


def starts(aws: LocalAws) -> list[dict[str, Any]]:
    """Every StartThingRegistrationTask call of a worker that AWS has carried out."""
    return [call for call in _calls(aws, "StartThingRegistrationTask") if "result" in call]


def each_request_was_answered_once(aws: LocalAws, events: dict[str, dict[str, Any]]) -> None:
    """Exactly one accepted answer; of a request that a newer one supersedes, at most one."""
    accepted, sent = Counter[str](), Counter[str]()
    for answer in aws.journal("answer"):
        request_id = json.loads(answer["body"])["RequestId"]
        accepted[request_id] += answer["accepted"]
        sent[request_id] += 1
    for request_id, event in events.items():
        if event["superseded"]:
            assert sent[request_id] <= 1, f"superseded, and yet answered twice: {event}"
        else:
            assert accepted[request_id] == 1, f"{accepted[request_id]} answers to {event}"


def every_answer_was_short(aws: LocalAws) -> None:
    """CloudFormation takes less than 4,096 bytes."""
    for answer in aws.journal("answer"):
        assert answer["size"] < MAX_ANSWER_BYTES, answer


def nothing_of_ours_runs(aws: LocalAws) -> None:
    """Neither a task nor an execution is left over."""
    ours = {call["result"]["taskId"] for call in starts(aws)}
    for task in all_tasks(aws):
        assert task["taskId"] not in ours or task["status"] in ("Completed", "Failed", "Cancelled")
    # An execution may outlive its answer: a worker that died once it had sent it is called again.
    until("the end of all executions", lambda: _running_executions(aws), lambda arns: not arns)


def nothing_was_started_twice(aws: LocalAws, events: dict[str, dict[str, Any]]) -> None:
    """One task a request; and no Update that runs the file which the last task has registered."""
    keys = Counter(call["parameters"]["inputFileKey"] for call in starts(aws))
    assert not [key for key, count in keys.items() if count > 1], f"started twice: {keys}"
    succeeded = {
        json.loads(answer["body"])["RequestId"]
        for answer in aws.journal("answer")
        if answer["accepted"] and json.loads(answer["body"])["Status"] == "SUCCESS"
    }
    last: dict[tuple[str, str], str] = {}
    for request_id in map(_request_id, starts(aws)):
        event = events[request_id]
        resource = (event["stack_id"], event["logical_id"])
        before = last.get(resource)
        last[resource] = request_id
        if event["request_type"] == "Update" and before is not None and before in succeeded:
            assert _content(events[before]) != _content(event), f"registered again: {event}"


def nothing_foreign_was_stopped(aws: LocalAws, events: dict[str, dict[str, Any]]) -> None:
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


def nothing_was_certified_twice(aws: LocalAws, events: dict[str, dict[str, Any]]) -> None:
    """A thing has one certificate at most for each task whose file holds the request for it."""
    allowed: Counter[bytes] = Counter()
    s3 = aws.client("s3")
    for request_id in map(_request_id, starts(aws)):
        properties = events[request_id]["properties"]
        source = {"Bucket": properties["SourceBucket"], "Key": properties["SourceKey"]}
        allowed.update(keys_of(s3.get_object(**source)["Body"].read()))
    found: dict[str, Counter[bytes]] = defaultdict(Counter)
    for thing, key in _certified(aws):
        found[thing][key] += 1
        assert found[thing][key] <= allowed[key], f"thing {thing} has {found[thing][key]}"


def all_tasks(aws: LocalAws) -> list[dict[str, Any]]:
    """Every registration task that there ever was, the oldest first."""
    iot = aws.client("iot")
    pages = iot.get_paginator("list_thing_registration_tasks").paginate()
    tasks = [
        iot.describe_thing_registration_task(taskId=task_id)
        for page in pages
        for task_id in page["taskIds"]
    ]
    return sorted(tasks, key=lambda task: task["creationDate"])


def _events(aws: LocalAws, superseded: Collection[str]) -> dict[str, dict[str, Any]]:
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
            events[entry["request_id"]] = {**entry, "superseded": by_hand}
            resource = (entry["stack_id"], entry["logical_id"])
            if resource in under_way:
                events[under_way[resource]]["superseded"] = True
            under_way[resource] = entry["request_id"]
    return events


def _calls(aws: LocalAws, api: str) -> Iterator[dict[str, Any]]:
    """Calls of a worker; the tests' own are those of the account's root."""
    for call in aws.journal("call"):
        if call["api"] == api and ":assumed-role/" in call["caller"]:
            yield call


def _running_executions(aws: LocalAws) -> list[str]:
    states = aws.client("stepfunctions")
    return [
        execution["executionArn"]
        for machine in states.list_state_machines()["stateMachines"]
        for execution in states.list_executions(
            stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING"
        )["executions"]
    ]


def _request_id(start: dict[str, Any]) -> str:
    key: str = start["parameters"]["inputFileKey"]
    return key.rpartition("/")[2].removesuffix(".jsonl")


def _content(event: dict[str, Any]) -> list[str]:
    return [event["properties"][name] for name in ("TemplateBody", "InputHash", "RoleArn")]


def _certified(aws: LocalAws) -> Iterator[tuple[str, bytes]]:
    """Things, and the public keys of their certificates."""
    iot = aws.client("iot")
    for page in iot.get_paginator("list_things").paginate():
        for thing in page["things"]:
            principals = iot.list_thing_principals(thingName=thing["thingName"])["principals"]
            for principal in principals:
                certificate = iot.describe_certificate(certificateId=principal.rpartition("/")[2])
                pem = certificate["certificateDescription"]["certificatePem"]
                yield thing["thingName"], public_key(x509.load_pem_x509_certificate(pem.encode()))
