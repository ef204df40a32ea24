"""`CertificateId` in a template: certificates that exist already."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.tasks import EndedTask, run, template
from tools.verify_aws.workspace import Workspace

_TEMPLATE_CHECKS = "constructs/thing_registration/checks/template/walk.py"
ATTACHED = Question(
    "attached-certificate",
    "What happens to a line with the CertificateId of a certificate that is attached to another "
    "thing?",
    "registered, attached to both things",
    (_TEMPLATE_CHECKS, "constructs/thing_registration/checks/lines/duplicates.py"),
)
INACTIVE = Question(
    "inactive-certificate",
    "What happens to a line with the CertificateId of an INACTIVE certificate, with Status ACTIVE "
    "in the template and no OverrideSettings?",
    "the line fails, INACTIVE",
    (_TEMPLATE_CHECKS,),
)
RESULTS_PEM = Question(
    "known-certificate-results",
    "Does the RESULTS line of a certificate given by CertificateId have CertificatePem?",
    "yes",
    ("lambda/thing_registration_worker/steps/finish.py",),
)
BODY = template(
    ("CertificateId",),
    certificate={
        "Type": "AWS::IoT::Certificate",
        "Properties": {"CertificateId": {"Ref": "CertificateId"}, "Status": "ACTIVE"},
    },
)


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Run one task with an attached, an inactive and an ordinary certificate."""
    first, second = workspace.thing("shares-1"), workspace.thing("shares-2")
    third, fourth = workspace.thing("inactive"), workspace.thing("ordinary")
    attached, arn = _new_certificate(workspace, active=True)
    inactive, _ = _new_certificate(workspace, active=False)
    ordinary, _ = _new_certificate(workspace, active=True)
    workspace.iot.create_thing(thingName=first)
    workspace.iot.attach_thing_principal(thingName=first, principal=arn)
    task = run(
        workspace,
        [
            {"ThingName": second, "CertificateId": attached},
            {"ThingName": third, "CertificateId": inactive},
            {"ThingName": fourth, "CertificateId": ordinary},
        ],
        BODY,
    )
    outcome = task.outcome(second)
    if outcome == "registered":
        things = workspace.iot.list_principal_things(principal=arn)["things"]
        both = {first, second} <= set(things)
        outcome += ", attached to both things" if both else f", attached to {len(things)} thing"
    yield ATTACHED.answer(outcome, task.evidence)
    described = workspace.iot.describe_certificate(certificateId=inactive)
    status = described["certificateDescription"]["status"]
    yield INACTIVE.answer(f"{task.outcome(third)}, {status}", task.evidence)
    yield RESULTS_PEM.answer(_pem(task, fourth))


def _pem(task: EndedTask, thing: str) -> str:
    for text in task.reports.lines["RESULTS"]:
        if f':thing/{thing}"' in text:
            return "yes" if "CertificatePem" in json.loads(text).get("response", {}) else "no"
    return task.outcome(thing)


def _new_certificate(workspace: Workspace, *, active: bool) -> tuple[str, str]:
    made = workspace.iot.create_certificate_from_csr(
        certificateSigningRequest=workspace.csr(), setAsActive=active
    )
    return made["certificateId"], made["certificateArn"]


GROUP = QuestionGroup("known certificates", ask, (ATTACHED, INACTIVE, RESULTS_PEM))
