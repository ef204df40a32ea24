"""The local AWS in one process: time, chance and Lambdas, without our own stacks."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import time
import zipfile
from datetime import datetime, timezone
from typing import Any

import pytest

from local.simulation import Call, Death, HttpFailure, SimulatedAws

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ALLOWED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
# A function of two modules: it counts its invocations, and does what it is told.
HELPER = "calls = 0\n"
MAIN = """
import os, time, boto3
import helper
from helper import calls as first

def handler(event, context):
    helper.calls += 1
    s3 = boto3.client("s3")
    for key in event.get("put", ()):
        try:
            s3.put_object(Bucket="things", Key=key, Body=b"x")
        except Exception as error:
            print("caught", type(error).__name__)
    time.sleep(event.get("sleep", 0))
    if "raise" in event:
        raise ValueError(event["raise"])
    return {"calls": helper.calls, "own": os.environ["OWN"], "time": time.time()}
"""


@pytest.fixture
def aws() -> Any:
    with SimulatedAws() as aws:
        yield aws


def function(aws: SimulatedAws, name: str = "f", code: str = MAIN, timeout: int = 60) -> None:
    iam = aws.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(ALLOWED))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("main.py", code)
        zipped.writestr("helper.py", HELPER)
    aws.client("s3").create_bucket(Bucket="things")
    aws.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="main.handler",
        Role=f"arn:aws:iam::{aws.account}:role/{name}",
        Code={"ZipFile": archive.getvalue()},
        Timeout=timeout,
        Environment={"Variables": {"OWN": f"of {name}"}},
    )


def invoke(aws: SimulatedAws, name: str = "f", **event: Any) -> Any:
    answer = aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return json.loads(answer["Payload"].read())


def keys(aws: SimulatedAws) -> list[str]:
    return [
        each["Key"]
        for each in aws.client("s3").list_objects_v2(Bucket="things").get("Contents", [])
    ]


def test_an_hour_passes_at_once_inside_and_not_at_all_outside(aws: SimulatedAws) -> None:
    outside, before = time.time(), aws.now

    aws.sleep(3600)

    assert aws.now - before == 3600
    assert time.time() - outside < 60
    with aws.inside():
        assert time.time() == pytest.approx(aws.now)
        assert datetime.now(timezone.utc).timestamp() == pytest.approx(aws.now)
        began = time.monotonic()
        time.sleep(10)
        assert time.monotonic() - began == pytest.approx(10)
    assert abs(time.time() - outside) < 60


def test_what_is_left_to_chance_outside_is_not_disturbed(aws: SimulatedAws) -> None:
    random.seed(7)
    expected = random.random()
    random.seed(7)

    aws.client("s3").create_bucket(Bucket="things")

    assert random.random() == expected
    assert os.urandom(8) != os.urandom(8)


def test_a_warm_function_keeps_its_modules_and_a_cold_one_has_new_ones(aws: SimulatedAws) -> None:
    function(aws)

    assert [invoke(aws)["calls"], invoke(aws)["calls"]] == [1, 2]
    aws.let_grow_cold()
    assert invoke(aws)["calls"] == 1


def test_each_function_has_its_own_environment_and_the_process_keeps_its_own(
    aws: SimulatedAws,
) -> None:
    function(aws, "f")
    function(aws, "g")

    assert (invoke(aws, "f")["own"], invoke(aws, "g")["own"]) == ("of f", "of g")
    assert "OWN" not in os.environ
    assert "helper" not in sys.modules


def test_a_function_that_takes_too_long_ends_at_its_timeout_and_makes_no_more_calls(
    aws: SimulatedAws,
) -> None:
    function(aws, timeout=5)
    began = aws.now

    assert invoke(aws, sleep=60, put=["before"])["errorType"] == "Sandbox.Timedout"
    assert 5 <= aws.now - began < 7
    assert keys(aws) == ["before"]


def test_an_exception_has_its_name_in_the_answer(aws: SimulatedAws) -> None:
    function(aws)

    assert invoke(aws, **{"raise": "no"}) == {"errorType": "ValueError", "errorMessage": "no"}


@pytest.mark.parametrize(("when", "written"), [("before", []), ("after", ["one"])])
def test_a_dead_invocation_makes_no_more_calls_whatever_it_catches(
    aws: SimulatedAws, when: str, written: list[str]
) -> None:
    function(aws)

    def die(call: Call) -> None:
        if call.api == "PutObject" and call.when == when:
            raise Death("by the test")

    aws.listen(die)

    assert invoke(aws, put=["one", "two"])["errorType"] == "Runtime.ExitError"
    aws.listen(None)
    assert keys(aws) == written
    assert invoke(aws)["calls"] == 1


def test_an_invocation_that_catches_its_death_for_ever_is_ended(aws: SimulatedAws) -> None:
    code = """
import boto3
def handler(event, context):
    while True:
        try:
            boto3.client("s3").put_object(Bucket="things", Key="key", Body=b"x")
        except Exception:
            pass
"""
    function(aws, code=code)
    began = aws.now

    def die(call: Call) -> None:
        raise Death("by the test")

    aws.listen(die)

    assert invoke(aws)["errorType"] == "Runtime.ExitError"
    assert aws.now - began < 5
    aws.sleep(600)
    assert keys(aws) == []


def test_a_listener_answers_in_awss_place(aws: SimulatedAws) -> None:
    function(aws)
    seen: list[tuple[str, str, str]] = []

    def fail(call: Call) -> HttpFailure | None:
        seen.append((call.service, call.api, call.when))
        return HttpFailure("AccessDenied", "no", 403) if len(seen) == 1 else None

    aws.listen(fail)
    invoke(aws, put=["one", "two"])

    assert keys(aws) == ["two"]
    assert seen == [
        ("s3", "PutObject", "before"),
        ("s3", "PutObject", "before"),
        ("s3", "PutObject", "after"),
    ]


def test_two_invocations_run_at_once_and_their_calls_alternate(aws: SimulatedAws) -> None:
    function(aws)
    order: list[int] = []
    aws.listen(lambda call: order.append(call.invocation.number) if call.when == "after" else None)
    for _ in range(2):
        aws.client("lambda").invoke(
            FunctionName="f",
            InvocationType="Event",
            Payload=json.dumps({"put": [str(number) for number in range(8)]}),
        )

    aws.sleep(60)

    assert sorted(order) == [1] * 8 + [2] * 8
    assert order not in ([1] * 8 + [2] * 8, [2] * 8 + [1] * 8)


def test_an_empty_account_begins_each_life(aws: SimulatedAws) -> None:
    aws.client("s3").create_bucket(Bucket="left-over")

    with SimulatedAws() as another:
        assert another.client("s3").list_buckets()["Buckets"] == []


@pytest.mark.parametrize(("auth", "allowed"), [(True, False), (False, True)])
def test_rights_are_enforced_where_they_are_asked_for(auth: bool, allowed: bool) -> None:
    with SimulatedAws(auth=auth) as aws:
        function(aws)
        aws.client("iam").delete_role_policy(RoleName="f", PolicyName="p")

        invoke(aws, put=["key"])

        assert (keys(aws) == ["key"]) is allowed


SCRIPT = """
import json, sys
from tests.local.simulation.test_aws import SimulatedAws, function, invoke
with SimulatedAws(seed=int(sys.argv[1])) as aws:
    function(aws)
    calls = []
    aws.listen(lambda call: calls.append((call.api, call.when, round(aws.now, 6))))
    for _ in range(2):
        aws.client("lambda").invoke(FunctionName="f", InvocationType="Event",
                                    Payload=json.dumps({"put": ["1", "2", "3"]}))
    aws.sleep(60)
    print(json.dumps(calls))
"""


@pytest.mark.slow
def test_one_seed_is_one_life_in_two_processes_and_another_seed_is_another() -> None:
    def live(seed: int) -> str:
        command = [sys.executable, "-c", SCRIPT, str(seed)]
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.getcwd()}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout

    first, second, another = live(1), live(1), live(2)

    assert first == second
    assert first != another
