"""Roles: those that cannot work, and the keys that conditions may rest on.

They are made before all questions, so that AWS knows them everywhere when they are used.
"""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from tools.verify_aws.clients import Clients
from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.tasks import run, template
from tools.verify_aws.waiting import wait_for
from tools.verify_aws.workspace import Workspace

_PERMISSIONS = "constructs/thing_registration/stack/permissions.py"
_START = "lambda/thing_registration_worker/steps/start.py"
UNASSUMABLE = Question(
    "unassumable-role",
    "What happens with a role that does not trust AWS IoT?",
    "InvalidRequestException at the start",
    (_START,),
)
NO_S3 = Question(
    "role-without-s3",
    "What happens with a role that may not read the input file?",
    "the task ends Failed",
    (_START, "lambda/thing_registration_worker/steps/observe.py"),
)
PASSED_TO_SERVICE = Question(
    "passed-to-service",
    "Does StartThingRegistrationTask fill iam:PassedToService (StringEquals on it)?",
    "yes",
    (_PERMISSIONS,),
)
SOURCE_ACCOUNT = Question(
    "source-account",
    "Does AWS IoT send aws:SourceAccount when it assumes the role?",
    "no: InvalidRequestException at the start",
    (_PERMISSIONS,),
)


def make_roles(workspace: Workspace) -> None:
    """Make the roles that are asked about later."""
    workspace.new_role("untrusting", service="ec2.amazonaws.com")
    workspace.new_role("blind", reads=False)
    own = {"StringEquals": {"aws:SourceAccount": workspace.account}}
    workspace.new_role("conditional", condition=own)
    passing = {"StringEquals": {"iam:PassedToService": "iot.amazonaws.com"}}
    workspace.new_caller(
        "caller",
        [
            {"Effect": "Allow", "Action": "iot:StartThingRegistrationTask", "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": workspace.role_arn(),
                "Condition": passing,
            },
        ],
    )


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Start a task with each role, and one as a caller who may pass a role to AWS IoT only."""
    yield _outcome(workspace, UNASSUMABLE, "untrusting")
    yield _outcome(workspace, NO_S3, "blind")
    yield _yes_or_no(_outcome(workspace, SOURCE_ACCOUNT, "conditional"))
    try:
        caller = _assume(workspace)
    except ClientError as error:
        yield PASSED_TO_SERVICE.unanswered(f"a role of ours cannot be assumed: {error}")
        return
    yield _yes_or_no(_outcome(workspace, PASSED_TO_SERVICE, "task", caller))


def _yes_or_no(answer: Answer) -> Answer:
    said = "yes" if answer.said == "registered" else f"no: {answer.said}"
    return answer.question.answer(said, answer.evidence)


def _outcome(
    workspace: Workspace, question: Question, role: str, clients: Clients | None = None
) -> Answer:
    thing = workspace.thing(f"by-{question.id}")
    try:
        task = run(workspace, [{"ThingName": thing}], template(()), role=role, clients=clients)
    except ClientError as error:
        found = error.response["Error"]
        return question.answer(f"{found['Code']} at the start", found)
    return question.answer(task.outcome(thing), task.evidence)


def _assume(workspace: Workspace) -> Clients:
    refusals: list[ClientError] = []

    def attempt() -> Clients | None:
        try:
            return workspace.clients.assume(workspace.role_arn("caller"), workspace.prefix)
        except ClientError as error:
            refusals.append(error)
            return None

    caller, _ = wait_for(attempt, workspace.patience.role / 4)
    if caller is None:
        raise refusals[-1]
    return caller


GROUP = QuestionGroup("roles", ask, (UNASSUMABLE, NO_S3, SOURCE_ACCOUNT, PASSED_TO_SERVICE))
