"""The faults that a test can ask for. docs/local-aws.md has the JSON and examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.faults import checks
from local.faults.service_apis import MODELS, output_members

_DESCRIBE = "DescribeThingRegistrationTask"


def _member(default: Any, check: checks.Check) -> Any:
    if isinstance(default, dict):
        return field(default_factory=dict, metadata={"check": check})
    return field(default=default, metadata={"check": check})


@dataclass(frozen=True)
class CallFault:
    """Calls of an API fail, are slow, or get no answer.

    It strikes the next `next` calls, or each call with the probability `rate`, or all calls; within
    `seconds` after the PUT, if that is set. `when` says whether the call takes effect before.
    """

    code: str | None = _member("ThrottlingException", checks.optional(checks.error_code))
    service: str = _member("iot", checks.one_of(*MODELS))
    api: str = _member("*", checks.text)
    message: str = _member("Rate exceeded", checks.text)
    status: int | None = _member(None, checks.optional(checks.error_status))
    rate: float = _member(0.0, checks.rate)
    next: int = _member(0, checks.count)
    seconds: float | None = _member(None, checks.optional(checks.seconds))
    when: str = _member("before", checks.one_of("before", "after"))
    what: str = _member("error", checks.one_of("error", "dropped"))
    latency: float = _member(0.0, checks.seconds)


@dataclass(frozen=True)
class DownloadFault:
    """GetObject breaks off after some bytes, though Content-Length is that of the whole.

    `object` is searched for in `BUCKET/KEY`; by default it finds the reports of AWS IoT.
    """

    cut_after_bytes: int = _member(0, checks.count)
    next: int = _member(0, checks.count)
    object: str = _member("^aws-iot-registration-reports-", checks.pattern)


@dataclass(frozen=True)
class LineFault:
    """Lines of the input fail: by number, or by a pattern found in the line."""

    line: int | None = _member(None, checks.optional(checks.positive))
    pattern: str | None = _member(None, checks.optional(checks.pattern))
    message: str = _member("An internal failure occurred", checks.text)
    code: str = _member("ResourceRegistrationFailureException", checks.error_code)
    times: int | None = _member(None, checks.optional(checks.count))


@dataclass(frozen=True)
class RoleFault:
    """Roles cannot be assumed for some seconds: noticed at `start` or by the `task`."""

    seconds: float = _member(0.0, checks.seconds)
    at: str = _member("start", checks.one_of("start", "task"))
    code: str = _member("InvalidRequestException", checks.error_code)
    message: str | None = _member(None, checks.optional(checks.text))


@dataclass(frozen=True)
class TaskFault:
    """How tasks end: `Completed` as usual, `Failed`, `Cancelled` (by someone), or never: `hangs`.

    `success_count` and `failure_count` are what an ended task is described with instead of the
    true counts.
    """

    ends: str = _member("Completed", checks.one_of("Completed", "Failed", "Cancelled", "hangs"))
    message: str | None = _member(None, checks.optional(checks.text))
    after_lines: int = _member(0, checks.count)
    next: int | None = _member(None, checks.optional(checks.count))
    success_count: int | None = _member(None, checks.optional(checks.count))
    failure_count: int | None = _member(None, checks.optional(checks.count))


@dataclass(frozen=True)
class ReportFault:
    """How reports are written and listed.

    `links_each_seconds`: the n-th link is listed n times as many seconds after the task's end.
    `links_per_listing`: the n-th listing shows n times as many links.
    """

    empty_first: int = _member(0, checks.count)
    late_seconds: float = _member(0.0, checks.seconds)
    links_each_seconds: float = _member(0.0, checks.seconds)
    links_per_listing: int = _member(0, checks.count)
    link_seconds: int = _member(3600, checks.count)
    lines_per_link: int = _member(10_000, checks.positive)
    errors_format: str = _member("flat", checks.one_of("flat", "nested", "message"))
    first_line_number: int = _member(1, checks.one_of(0, 1))


@dataclass(frozen=True)
class LambdaFault:
    """Invocations of a Lambda function fail; `payload` must be found in the event."""

    what: str = _member(
        "", checks.one_of("dies_before", "dies_after", "times_out", "out_of_memory")
    )
    function: str = _member("", checks.pattern)
    payload: Mapping[str, Any] = _member({}, checks.json_object)
    next: int = _member(1, checks.count)


@dataclass(frozen=True)
class RefusalFault:
    """Lambda refuses to invoke a function: for some seconds, or the next `next` times.

    Step Functions sees the error `Lambda.` and the code; an asynchronous event waits.
    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
    """

    seconds: float = _member(0.0, checks.seconds)
    next: int = _member(0, checks.count)
    code: str = _member(
        "TooManyRequestsException",
        checks.one_of(
            "TooManyRequestsException",
            "ServiceException",
            "AWSLambdaException",
            "SdkClientException",
        ),
    )
    function: str = _member("", checks.pattern)
    payload: Mapping[str, Any] = _member({}, checks.json_object)


@dataclass(frozen=True)
class AnswerFault:
    """PUTs to a custom resource's ResponseURL fail with an HTTP status."""

    next: int = _member(0, checks.count)
    status: int = _member(503, checks.error_status)


@dataclass(frozen=True)
class FaultDocument:
    """All faults; the default is none."""

    calls: tuple[CallFault, ...] = ()
    lines: tuple[LineFault, ...] = ()
    lambdas: tuple[LambdaFault, ...] = ()
    downloads: DownloadFault = DownloadFault()
    role: RoleFault = RoleFault()
    task: TaskFault = TaskFault()
    reports: ReportFault = ReportFault()
    answers: AnswerFault = AnswerFault()
    lambda_refuses: RefusalFault = RefusalFault()
    seed: int = _member(0, checks.integer)
    foreign_task_seconds: float = _member(0.0, checks.seconds)
    cancelling_seconds: float = _member(0.0, checks.seconds)
    list_lag_seconds: float = _member(0.0, checks.seconds)
    executions_lag_seconds: float = _member(0.0, checks.seconds)
    slot_freed_late_seconds: float = _member(0.0, checks.seconds)
    late_event_seconds: float = _member(0.0, checks.seconds)
    duplicate_events: int = _member(0, checks.count)
    describe_omits: tuple[str, ...] = _member(
        (), checks.some_of(lambda: output_members("iot", _DESCRIBE) - {"taskId", "status"})
    )
    passed_to_service_key: bool = _member(True, checks.flag)
    busy_code: str = _member("LimitExceededException", checks.error_code)
    busy_message: str | None = _member(None, checks.optional(checks.text))
    cancel_awaits_answer: bool = _member(False, checks.flag)
    long_answer: str = _member("fails", checks.one_of("fails", "hangs"))
    throttling: bool = _member(True, checks.flag)
    page_size: int | None = _member(None, checks.optional(checks.positive))
    things_per_second: float | None = _member(None, checks.optional(checks.things_per_second))


LISTS: dict[str, type] = {"calls": CallFault, "lines": LineFault, "lambdas": LambdaFault}
OBJECTS: dict[str, type] = {
    "downloads": DownloadFault,
    "role": RoleFault,
    "task": TaskFault,
    "reports": ReportFault,
    "answers": AnswerFault,
    "lambda_refuses": RefusalFault,
}
# What changes how the local AWS works, but never strikes.
SETTINGS = frozenset(
    {
        "seed",
        "throttling",
        "page_size",
        "things_per_second",
        "cancel_awaits_answer",
        "lines_per_link",
        "link_seconds",
    }
)
