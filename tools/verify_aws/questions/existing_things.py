"""Things that exist already and differ from what a line asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.verify_aws.question import Answer, Question, QuestionGroup
from tools.verify_aws.tasks import EndedTask, run, template
from tools.verify_aws.workspace import Workspace

_WALK = "constructs/thing_registration/checks/template/walk.py"
WITHOUT = Question(
    "existing-thing",
    "What happens to a thing that exists with other attributes, without OverrideSettings?",
    "the line fails, attribute kept",
    ("README.md", _WALK),
)
WITH = Question(
    "existing-thing-replace",
    "And with OverrideSettings REPLACE of AttributePayload?",
    "registered, attribute replaced",
    (_WALK, "constructs/thing_registration/template_parts.py"),
)
BILLING_GROUP = Question(
    "billing-group-change",
    "What happens to a thing that exists in another billing group?",
    "registered, moved",
    (_WALK, "local/iot/device_registration.py"),
)


def ask(workspace: Workspace) -> Iterator[Answer]:
    """Run a task without settings and one with them."""
    iot = workspace.iot
    old, new = workspace.new_billing_group("billing-1"), workspace.new_billing_group("billing-2")
    names = [workspace.thing(f"exists-{number}") for number in range(3)]
    for name in names:
        iot.create_thing(thingName=name, attributePayload={"attributes": {"value": "old"}})
        iot.add_thing_to_billing_group(thingName=name, billingGroupName=old)
    first, second, third = names
    task = run(
        workspace,
        [
            {"ThingName": first, "Value": "new", "Group": old},
            {"ThingName": third, "Value": "old", "Group": new},
        ],
        _body({}),
    )
    yield WITHOUT.answer(_outcome(workspace, task, first), task.evidence)
    group = iot.describe_thing(thingName=third).get("billingGroupName")
    became = {old: "kept", new: "moved"}.get(group, "in none")
    yield BILLING_GROUP.answer(f"{task.outcome(third)}, {became}", task.evidence)
    task = run(
        workspace,
        [{"ThingName": second, "Value": "new", "Group": old}],
        _body({"AttributePayload": "REPLACE"}),
    )
    yield WITH.answer(_outcome(workspace, task, second), task.evidence)


def _body(settings: dict[str, str]) -> dict[str, Any]:
    thing: dict[str, Any] = {
        "Type": "AWS::IoT::Thing",
        "Properties": {
            "ThingName": {"Ref": "ThingName"},
            "AttributePayload": {"value": {"Ref": "Value"}},
            "BillingGroup": {"Ref": "Group"},
        },
    }
    if settings:
        thing["OverrideSettings"] = settings
    return template(("Value", "Group"), thing=thing)


def _outcome(workspace: Workspace, task: EndedTask, thing: str) -> str:
    attributes = workspace.iot.describe_thing(thingName=thing)["attributes"]
    became = {"old": "kept", "new": "replaced"}.get(attributes.get("value", ""), "gone")
    return f"{task.outcome(thing)}, attribute {became}"


GROUP = QuestionGroup("things that exist", ask, (WITHOUT, BILLING_GROUP, WITH))
