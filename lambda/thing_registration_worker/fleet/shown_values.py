"""Of what a template gives a thing, the values that AWS IoT's registry shows of it."""

from collections.abc import Mapping
from typing import Any

_THING = "AWS::IoT::Thing"
_SPELLINGS = {"AttributePayload": "ATTRIBUTE_PAYLOAD", "ThingTypeName": "THING_TYPE_NAME"}
_DO_NOTHING = "DO_NOTHING"


def shown_properties(resources: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that DescribeThing shows, each a text or a Ref.

    What the template does not change on a thing that exists is left out.

    https://docs.aws.amazon.com/iot/latest/apireference/API_DescribeThing.html
    """
    nothing: Mapping[str, Any] = {}
    things = (one for one in resources.values() if one.get("Type") == _THING)
    thing = next(things, nothing)
    properties = {
        name: value
        for name, value in thing.get("Properties", {}).items()
        if _setting(thing, name) != _DO_NOTHING
    }
    attributes = properties.get("AttributePayload", {})
    shown = {f"attribute {name}": value for name, value in attributes.items()}
    for name, words in (("ThingTypeName", "thing type"), ("BillingGroup", "billing group")):
        if name in properties:
            shown[words] = properties[name]
    return shown


def differences(declared: Mapping[str, str], shown: Mapping[str, str]) -> str:
    """Return what a thing has instead of what was declared; empty if nothing differs.

    A value that is declared empty is not compared: AWS removes such an attribute.
    """
    return ", ".join(
        f"{name} is {shown.get(name, '')!r} and not {value!r}"
        for name, value in declared.items()
        if value and shown.get(name, "") != value
    )


def _setting(thing: Mapping[str, Any], name: str) -> str:
    settings = thing.get("OverrideSettings", {})
    return str(settings.get(name, settings.get(_SPELLINGS.get(name), "")))
