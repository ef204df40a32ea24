"""What may be on one line only is found."""

from __future__ import annotations

from tests.unit.constructs.cases import (
    messages,
    thing,
)
from thing_registration import (
    InputFile,
    ProvisioningTemplate,
    check,
)


def test_a_template_that_names_one_thing_for_all_lines_is_reported_once() -> None:
    template = ProvisioningTemplate.from_object(
        thing(ThingName="a", AttributePayload={"serial": {"Ref": "S"}})
    )

    verdict = check(template, InputFile.from_records([{"S": "1"}, {"S": "2"}]))

    assert messages(verdict) == [
        'records: ThingName: the template names the thing of all 2 lines "a": '
        "each thing may appear only once"
    ]
