"""What messages quote of the input file, and what none of its lines may have."""

import json

import pytest

from thing_registration_worker.fleet.input_text import has_private_key, shown
from thing_registration_worker.fleet.resolved_device import Resolver, UnresolvedDevice
from thing_registration_worker.fleet.template import Template

BODY = "MHcCAQEEIBlHf0ooNCZlcwvz"
KEY = f"-----BEGIN EC PRIVATE KEY-----\n{BODY}\n-----END EC PRIVATE KEY-----\n"
THING = {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}}
RESOLVER = Resolver(Template(json.dumps({"Parameters": {"Name": {}}, "Resources": {"t": THING}})))


@pytest.mark.parametrize(
    "line",
    [
        json.dumps({"Name": "a", "Key": KEY}),
        json.dumps({"Name": "a", "Key": KEY}).replace("PRIVATE", "PRIV\\u0041TE"),
        json.dumps({"Name": "a", "More": [{KEY: 1}]}),
        json.dumps({"Name": KEY}),
    ],
)
def test_a_line_with_a_private_key_is_refused_without_quoting_it(line: str) -> None:
    with pytest.raises(UnresolvedDevice, match="has a private key") as error:
        RESOLVER.resolve(line.encode())
    assert BODY not in str(error.value)


@pytest.mark.parametrize("line", [json.dumps([KEY]), json.dumps(KEY)])
def test_what_is_no_object_is_refused_without_quoting_its_private_key(line: str) -> None:
    with pytest.raises(UnresolvedDevice, match="must be one JSON object, got a private key"):
        RESOLVER.resolve(line.encode())


def test_the_thing_of_a_line_with_a_private_key_is_known_so_that_it_does_not_leave() -> None:
    assert RESOLVER.thing_name(json.dumps({"Name": "a", "Key": KEY}).encode()) == "a"


def test_a_line_about_a_private_key_has_none() -> None:
    line = {"Name": "a", "Note": "its PRIVATE KEY is \u00e9lsewhere"}

    assert not has_private_key(json.dumps(line).encode(), line)
    assert RESOLVER.resolve(json.dumps(line).encode()).thing_name == "a"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '"a"'),
        ("x" * 100, '"' + "x" * 79 + "…"),
        (KEY, "a private key"),
        (
            "-----BEGIN CERTIFICATE REQUEST-----\nMIHG",
            '"-----BEGIN CERTIFICATE REQUEST-----…',
        ),
    ],
)
def test_a_value_is_shown_in_one_line_and_no_pem_beyond_its_first(value: str, text: str) -> None:
    assert shown(value) == text
