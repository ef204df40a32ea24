"""A template is read as AWS gets it."""

from __future__ import annotations

import json

from tests.unit.constructs.cases import POLICY, thing, with_policy
from thing_registration import (
    ProvisioningTemplate,
)


def test_a_policy_document_that_is_an_object_is_sent_as_a_string_and_this_is_said() -> None:
    template = ProvisioningTemplate.from_object(with_policy(PolicyDocument=json.loads(POLICY)))

    body = json.loads(template.reading.body or "")

    document = body["Resources"]["policy"]["Properties"]["PolicyDocument"]
    assert json.loads(document) == json.loads(POLICY)
    assert template.reading.problems == ()
    assert template.reading.rewrites == (
        "template: Resources.policy.Properties.PolicyDocument: the object is sent as a JSON "
        "string, which bulk registration needs",
    )


def test_white_space_of_a_policy_document_does_not_count() -> None:
    document = json.dumps({"a": "x" * 2_040}, indent=8) + " " * 100

    assert (
        ProvisioningTemplate.from_object(with_policy(PolicyDocument=document)).reading.problems
        == ()
    )


def test_the_length_is_that_of_the_minified_body() -> None:
    spacious = json.dumps(thing()) + " " * 20_000

    assert ProvisioningTemplate.from_string(spacious).reading.problems == ()
