"""The calls to AWS IoT's registration tasks.

https://docs.aws.amazon.com/iot/latest/apireference/API_StartThingRegistrationTask.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thing_registration_worker.errors import ConstraintError

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient
    from mypy_boto3_iot.literals import ReportTypeType, StatusType
    from mypy_boto3_iot.type_defs import DescribeThingRegistrationTaskResponseTypeDef

RUNNING: "tuple[StatusType, ...]" = ("InProgress", "Cancelling")
ENDED: "tuple[StatusType, ...]" = ("Completed", "Failed", "Cancelled")

# The service model's own limits and patterns. botocore checks none of these before the call, and
# in the key's pattern `)-\/` is a range. (botocore 1.43, data/iot/2015-05-28)
TEMPLATE_BODY_MAX = 10_240
BUCKET_PATTERN = r"[a-zA-Z0-9._-]{3,256}"
KEY_PATTERN = r"[a-zA-Z0-9!_.*'()-\/]{1,1024}"
ROLE_ARN_MIN, ROLE_ARN_MAX = 20, 2_048


@dataclass(frozen=True)
class Start:
    """The members of one StartThingRegistrationTask call.

    Raises:
        ConstraintError: a member is outside the limits of the service model.
    """

    template_body: str
    bucket: str
    key: str
    role_arn: str

    def __post_init__(self) -> None:
        if len(self.template_body) > TEMPLATE_BODY_MAX:
            raise ConstraintError(
                "templateBody",
                f"{len(self.template_body)} characters",
                f"at most {TEMPLATE_BODY_MAX} characters",
            )
        if not re.fullmatch(BUCKET_PATTERN, self.bucket):
            raise ConstraintError("inputFileBucket", repr(self.bucket), BUCKET_PATTERN)
        if not re.fullmatch(KEY_PATTERN, self.key):
            raise ConstraintError("inputFileKey", repr(self.key), KEY_PATTERN)
        if not ROLE_ARN_MIN <= len(self.role_arn) <= ROLE_ARN_MAX:
            raise ConstraintError(
                "roleArn",
                f"{len(self.role_arn)} characters",
                f"{ROLE_ARN_MIN} to {ROLE_ARN_MAX} characters",
            )


@dataclass(frozen=True)
class Task:
    """A registration task as DescribeThingRegistrationTask returns it."""

    task_id: str
    status: str
    message: str
    bucket: str
    key: str
    #: In epoch seconds; 0 where AWS leaves it out.
    created_at: float
    changed_at: float
    success_count: int
    failure_count: int
    percentage: int
    template_body: str = ""

    @property
    def has_ended(self) -> bool:
        """True once AWS will do nothing more for it."""
        return self.status in ENDED


def start(iot: "IoTClient", call: Start) -> str:
    """Start a task and return its id. The client must not retry: a lost answer may be a start."""
    response = iot.start_thing_registration_task(
        templateBody=call.template_body,
        inputFileBucket=call.bucket,
        inputFileKey=call.key,
        roleArn=call.role_arn,
    )
    return response["taskId"]


def describe(iot: "IoTClient", task_id: str) -> Task:
    """Return the task as it is now."""
    return _task(task_id, iot.describe_thing_registration_task(taskId=task_id))


def find(iot: "IoTClient", task_id: str) -> Task | None:
    """Return the task as it is now; None when AWS has forgotten it, 30 days after its end."""
    try:
        return describe(iot, task_id)
    except iot.exceptions.ResourceNotFoundException:
        return None


def tasks(iot: "IoTClient", statuses: "tuple[StatusType, ...]") -> Iterator[Task]:
    """Describe every task of this account and Region in one of the statuses."""
    for task_id in task_ids(iot, statuses):
        yield describe(iot, task_id)


def task_ids(iot: "IoTClient", statuses: "tuple[StatusType, ...]") -> Iterator[str]:
    """Yield the id of every task of this account and Region in one of the statuses."""
    for status in statuses:
        for page in iot.get_paginator("list_thing_registration_tasks").paginate(status=status):
            yield from page["taskIds"]


def stop(iot: "IoTClient", task_id: str) -> None:
    """Ask AWS to cancel the task; one that has ended meanwhile is left as it is."""
    try:
        iot.stop_thing_registration_task(taskId=task_id)
    except (iot.exceptions.InvalidRequestException, iot.exceptions.ResourceNotFoundException):
        # What AWS answers for a task that has ended is not documented: its status decides.
        if task_id in (task.task_id for task in tasks(iot, ("InProgress",))):
            raise


def report_links(iot: "IoTClient", task_id: str, kind: "ReportTypeType") -> list[str]:
    """Return fresh links to the task's RESULTS or ERRORS; none may exist yet."""
    paginator = iot.get_paginator("list_thing_registration_task_reports")
    pages = paginator.paginate(taskId=task_id, reportType=kind)
    return [link for page in pages for link in page["resourceLinks"]]


def _task(task_id: str, response: "DescribeThingRegistrationTaskResponseTypeDef") -> Task:
    """Read the response; every member is optional in the service model."""
    created, changed = response.get("creationDate"), response.get("lastModifiedDate")
    return Task(
        task_id=task_id,
        status=response.get("status", ""),
        message=response.get("message", ""),
        bucket=response.get("inputFileBucket", ""),
        key=response.get("inputFileKey", ""),
        created_at=created.timestamp() if created else 0,
        changed_at=changed.timestamp() if changed else 0,
        success_count=response.get("successCount", 0),
        failure_count=response.get("failureCount", 0),
        percentage=response.get("percentageProgress", 0),
        template_body=response.get("templateBody", ""),
    )
