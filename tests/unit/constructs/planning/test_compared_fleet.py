"""A large fleet is compared by several processes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from thing_registration.deployed.errors import CommandError
from thing_registration.planning import compared_fleet
from thing_registration.planning.comparand import Comparand
from thing_registration.planning.compared_fleet import compare
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.resolved_device import Resolver

TEMPLATE = json.dumps(
    {
        "Parameters": {"Name": {"Type": "String"}, "Serial": {"Type": "String"}},
        "Resources": {
            "t": {
                "Type": "AWS::IoT::Thing",
                "Properties": {
                    "ThingName": {"Ref": "Name"},
                    "AttributePayload": {"serial": {"Ref": "Serial"}},
                },
            }
        },
    }
)


def line(number: int, serial: str = "1") -> bytes:
    return json.dumps({"Name": f"meter-{number}", "Serial": serial}).encode() + b"\n"


def entry(number: int) -> bytes:
    device = Resolver(TEMPLATE).resolve(line(number))
    return Entry("registered", device.thing_name, device.resources_hash).to_line()


@pytest.fixture
def what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Comparand:
    """Forty meters: five are new, three have changed, and two have left."""
    monkeypatch.setattr(compared_fleet, "_LARGE", 0)
    monkeypatch.setattr(compared_fleet, "cores", lambda: 3)
    file, inventory = tmp_path / "file", tmp_path / "inventory"
    file.write_bytes(b"".join(line(n, "2" if n < 5 else "1") for n in range(2, 42)))
    inventory.write_bytes(b"".join(entry(number) for number in range(37)))
    return Comparand(TEMPLATE, file, inventory, "meters.jsonl")


@pytest.mark.slow
def test_several_processes_find_what_one_finds(
    what: Comparand, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = compare(what)
    monkeypatch.setattr(compared_fleet, "cores", lambda: 1)

    assert several == compare(what)
    assert several.counts == {"new": 5, "changed": 3, "unchanged": 32, "unreadable": 0}
    assert [each.thing_name for each in several.removed] == ["meter-0", "meter-1"]


@pytest.mark.slow
def test_a_process_that_fails_is_an_error_with_its_last_line(what: Comparand) -> None:
    with pytest.raises(CommandError, match=r"the comparison failed: .*JSONDecodeError"):
        compare(replace(what, template_body="{"))


def test_an_inventory_of_a_later_version_is_an_error(
    what: Comparand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compared_fleet, "cores", lambda: 1)
    what.inventory.write_bytes(b'{"version":2,"state":"registered","thingName":"a"}\n')

    with pytest.raises(CommandError, match="the inventory has version 2"):
        compare(what)


def test_a_duplicate_is_named_by_the_lines_of_the_file_as_it_was_given(
    what: Comparand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compared_fleet, "cores", lambda: 1)
    what.input_file.write_bytes(line(1) + line(1))

    with pytest.raises(CommandError, match=r"meters\.jsonl:7: uses the same thing name as line 4"):
        compare(replace(what, at=[4, 7]))
