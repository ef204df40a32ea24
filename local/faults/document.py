"""The faults that a test can ask for. docs/local-aws.md has the JSON and examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.faults import checks
from local.faults.assumptions import Assumptions
from local.faults.member import member
from local.faults.service_apis import MODELS, output_members

# How far the registration of a line has come.
LINE_STAGES = ("nothing", "thing", "certificate", "everything")
_DESCRIBE = "DescribeThingRegistrationTask"


@dataclass(frozen=True)
class CallFault:
    """Calls of an API fail, are slow, or get no answer.

    It strikes the next `next` calls, or each call with the probability `rate`, or all calls; within
    `seconds` after the PUT, if that is set. `when` says whether the call takes effect before.
    """

    code: str | None = member("ThrottlingException", checks.optional(checks.error_code))
    service: str = member("iot", checks.one_of(*MODELS))
    api: str = member("*", checks.text)
    message: str = member("Rate exceeded", checks.text)
    status: int | None = member(None, checks.optional(checks.error_status))
    rate: float = member(0.0, checks.rate)
    next: int = member(0, checks.count)
    seconds: float | None = member(None, checks.optional(checks.seconds))
    when: str = member("before", checks.one_of("before", "after"))
    what: str = member("error", checks.one_of("error", "dropped"))
    latency: float = member(0.0, checks.seconds)


@dataclass(frozen=True)
class DownloadFault:
    """GetObject breaks off after some bytes, though Content-Length is that of the whole.

    `object` is searched for in `BUCKET/KEY`; by default it finds the reports of AWS IoT.
    """

    cut_after_bytes: int = member(0, checks.count)
    next: int = member(0, checks.count)
    object: str = member("^aws-iot-registration-reports-", checks.pattern)


@dataclass(frozen=True)
class LineFault:
    """Lines of the input fail: by number, or by a pattern found in the line.

    `after` says what of the device has been made before, and stays.
    """

    line: int | None = member(None, checks.optional(checks.positive))
    pattern: str | None = member(None, checks.optional(checks.pattern))
    message: str = member("An internal failure occurred", checks.text)
    code: str = member("ResourceRegistrationFailureException", checks.error_code)
    times: int | None = member(None, checks.optional(checks.count))
    after: str = member("nothing", checks.one_of(*LINE_STAGES))


@dataclass(frozen=True)
class RoleFault:
    """Roles cannot be assumed for some seconds: noticed at `start` or by the `task`."""

    seconds: float = member(0.0, checks.seconds)
    at: str = member("start", checks.one_of("start", "task"))
    code: str = member("InvalidRequestException", checks.error_code)
    message: str | None = member(None, checks.optional(checks.text))


@dataclass(frozen=True)
class TaskFault:
    """How tasks end: `Completed` as usual, `Failed`, `Cancelled` (by someone), or never: `hangs`.

    `success_count` and `failure_count` are what an ended task is described with instead of the
    true counts.
    """

    ends: str = member("Completed", checks.one_of("Completed", "Failed", "Cancelled", "hangs"))
    message: str | None = member(None, checks.optional(checks.text))
    after_lines: int = member(0, checks.count)
    next: int | None = member(None, checks.optional(checks.count))
    success_count: int | None = member(None, checks.optional(checks.count))
    failure_count: int | None = member(None, checks.optional(checks.count))


@dataclass(frozen=True)
class ReportFault:
    """How reports are written and listed.

    `links_each_seconds`: the n-th link is listed n times as many seconds after the task's end.
    `links_per_listing`: the n-th listing shows n times as many links.
    """

    empty_first: int = member(0, checks.count)
    late_seconds: float = member(0.0, checks.seconds)
    links_each_seconds: float = member(0.0, checks.seconds)
    links_per_listing: int = member(0, checks.count)
    link_seconds: int = member(3600, checks.count)
    lines_per_link: int = member(10_000, checks.positive)
    errors_format: str = member("flat", checks.one_of("flat", "nested", "message"))
    first_line_number: int = member(1, checks.one_of(0, 1))


@dataclass(frozen=True)
class LambdaFault:
    """Invocations of a Lambda function fail; `payload` must be found in the event."""

    what: str = member("", checks.one_of("dies_before", "dies_after", "times_out", "out_of_memory"))
    function: str = member("", checks.pattern)
    payload: Mapping[str, Any] = member({}, checks.json_object)
    next: int = member(1, checks.count)


@dataclass(frozen=True)
class RefusalFault:
    """Lambda refuses to invoke a function: for some seconds, or the next `next` times.

    Step Functions sees the error `Lambda.` and the code; an asynchronous event waits.
    Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
    """

    seconds: float = member(0.0, checks.seconds)
    next: int = member(0, checks.count)
    code: str = member(
        "TooManyRequestsException",
        checks.one_of(
            "TooManyRequestsException",
            "ServiceException",
            "AWSLambdaException",
            "SdkClientException",
        ),
    )
    function: str = member("", checks.pattern)
    payload: Mapping[str, Any] = member({}, checks.json_object)


@dataclass(frozen=True)
class AnswerFault:
    """PUTs to a custom resource's ResponseURL fail with an HTTP status."""

    next: int = member(0, checks.count)
    status: int = member(503, checks.error_status)


@dataclass(frozen=True)
class LateEventFault:
    """Custom-resource events arrive late: the next `next` of them, or each; the others at once.

    `payload` must be found in the event.
    """

    seconds: float = member(0.0, checks.seconds)
    next: int | None = member(None, checks.optional(checks.count))
    payload: Mapping[str, Any] = member({}, checks.json_object)


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
    late_events: LateEventFault = LateEventFault()
    assumptions: Assumptions = field(default_factory=Assumptions)
    seed: int = member(0, checks.integer)
    foreign_task_seconds: float = member(0.0, checks.seconds)
    cancelling_seconds: float = member(0.0, checks.seconds)
    list_lag_seconds: float = member(0.0, checks.seconds)
    registry_lag_seconds: float = member(0.0, checks.seconds)
    detachment_lag_seconds: float = member(0.0, checks.seconds)
    executions_lag_seconds: float = member(0.0, checks.seconds)
    slot_freed_late_seconds: float = member(0.0, checks.seconds)
    late_event_seconds: float = member(0.0, checks.seconds)
    duplicate_events: int = member(0, checks.count)
    late_duplicate_seconds: float = member(0.0, checks.seconds)
    describe_omits: tuple[str, ...] = member(
        (), checks.some_of(lambda: output_members("iot", _DESCRIBE) - {"taskId", "status"})
    )
    passed_to_service_key: bool = member(True, checks.flag)
    busy_code: str = member("LimitExceededException", checks.error_code)
    busy_message: str | None = member(None, checks.optional(checks.text))
    cancel_awaits_answer: bool = member(False, checks.flag)
    long_answer: str = member("fails", checks.one_of("fails", "hangs"))
    throttling: bool = member(True, checks.flag)
    quota: float = member(0.0, checks.multiplier)
    page_size: int | None = member(None, checks.optional(checks.positive))
    things_per_second: float | None = member(None, checks.optional(checks.things_per_second))


LISTS: dict[str, type] = {"calls": CallFault, "lines": LineFault, "lambdas": LambdaFault}
OBJECTS: dict[str, type] = {
    "downloads": DownloadFault,
    "role": RoleFault,
    "task": TaskFault,
    "reports": ReportFault,
    "answers": AnswerFault,
    "lambda_refuses": RefusalFault,
    "late_events": LateEventFault,
    "assumptions": Assumptions,
}
# What changes how the local AWS works, but never strikes.
SETTINGS = frozenset(
    {
        "seed",
        "assumptions",
        "throttling",
        "quota",
        "page_size",
        "things_per_second",
        "cancel_awaits_answer",
        "lines_per_link",
        "link_seconds",
    }
)
