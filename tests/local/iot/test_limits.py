"""The limits are those of the service's own model."""

from __future__ import annotations

import pytest
from botocore.loaders import Loader

from local.iot import limits
from local.iot.errors import _HTTP_STATUS

MODEL = Loader().load_service_model("iot", "service-2")
SHAPES = MODEL["shapes"]


def member(api: str, name: str) -> dict[str, object]:
    shape = SHAPES[MODEL["operations"][api]["input"]["shape"]]["members"][name]["shape"]
    found: dict[str, object] = SHAPES[shape]
    return found


@pytest.mark.parametrize(
    ("limit", "api", "name"),
    [
        (limits.TEMPLATE_BODY, "StartThingRegistrationTask", "templateBody"),
        (limits.INPUT_FILE_BUCKET, "StartThingRegistrationTask", "inputFileBucket"),
        (limits.INPUT_FILE_KEY, "StartThingRegistrationTask", "inputFileKey"),
        (limits.ROLE_ARN, "StartThingRegistrationTask", "roleArn"),
        (limits.TASK_ID, "DescribeThingRegistrationTask", "taskId"),
        (limits.RESOURCE_NAME, "CreateThing", "thingName"),
        (limits.RESOURCE_NAME, "CreateThingType", "thingTypeName"),
        (limits.RESOURCE_NAME, "CreateThingGroup", "thingGroupName"),
        (limits.RESOURCE_NAME, "CreateBillingGroup", "billingGroupName"),
        (limits.POLICY_NAME, "CreatePolicy", "policyName"),
    ],
)
def test_a_members_length_and_pattern_are_the_models(
    limit: limits.StringLimit, api: str, name: str
) -> None:
    shape = member(api, name)

    assert (limit.minimum, limit.maximum) == (shape.get("min", 0), shape["max"])
    assert limit.pattern == shape.get("pattern")


def test_attributes_are_the_models() -> None:
    attributes = SHAPES[SHAPES["AttributePayload"]["members"]["attributes"]["shape"]]
    name, value = SHAPES[attributes["key"]["shape"]], SHAPES[attributes["value"]["shape"]]

    assert limits.ATTRIBUTE_NAME.pattern == name["pattern"]
    assert limits.ATTRIBUTE_NAME.maximum == name["max"]
    assert limits.ATTRIBUTE_VALUE.pattern == value["pattern"]
    assert limits.ATTRIBUTE_VALUE.maximum == value["max"]


def test_closed_sets_and_pages_are_the_models() -> None:
    size = member("ListThingRegistrationTasks", "maxResults")

    assert (size["min"], size["max"]) == (1, limits.MAX_PAGE)
    assert set(limits.STATUSES) == set(SHAPES["Status"]["enum"])
    assert set(limits.REPORT_TYPES) == set(SHAPES["ReportType"]["enum"])
    assert SHAPES["ErrorMessage"]["max"] == limits.MAX_MESSAGE_CHARS
    assert SHAPES["Value"]["max"] == limits.MAX_PARAMETER_CHARS


@pytest.mark.parametrize("code", sorted(_HTTP_STATUS))
def test_the_status_of_an_error_is_the_models(code: str) -> None:
    modelled = SHAPES.get(code, {}).get("error")
    # The first is IAM's; the second is the developer guide's, of OverrideSettings.
    not_modelled = ("AccessDeniedException", "ResourceConflictsException")
    assert (modelled is None) == (code in not_modelled)
    if modelled is not None:
        assert _HTTP_STATUS[code] == modelled["httpStatusCode"]
