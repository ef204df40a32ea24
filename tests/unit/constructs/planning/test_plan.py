"""What a plan says of devices that left the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from thing_registration.planning.comparand import Comparand
from thing_registration.planning.compared_fleet import compare
from thing_registration.planning.plan import Plan
from thing_registration.planning.plan_json import plans_json
from thing_registration.planning.plan_text import plan_text
from thing_registration.planning.settings import Settings
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.resolved_device import Resolver

TEMPLATE = json.dumps(
    {
        "Parameters": {"Name": {"Type": "String"}},
        "Resources": {
            "t": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}}
        },
    }
)


def planned(folder: Path, *lines: bytes) -> Plan:
    """The plan of a file; `kept`, `made` and `found` are registered, and none may be retired."""
    (folder / "file").write_bytes(b"".join(line + b"\n" for line in lines))
    entries = []
    for name in ("kept", "made", "found"):
        device = Resolver(TEMPLATE).resolve(json.dumps({"Name": name}).encode())
        is_made = name != "found"
        entry = Entry("registered", name, device.resources_hash, thing_made=is_made)
        entries.append(entry.to_line())
    (folder / "inventory").write_bytes(b"".join(entries))
    fleet = compare(Comparand(TEMPLATE, folder / "file", folder / "inventory", "devices.jsonl"))
    settings = Settings(deregister="REMOVED_LINES", max_deregistered="0")
    return Plan("Fleet", "S", True, "devices.jsonl", settings, fleet)


def test_what_left_the_file_is_retired_or_released(tmp_path: Path) -> None:
    plan = planned(tmp_path, b'{"Name": "kept"}')

    assert (plan.removed, plan.retired, plan.released, plan.is_refused) == (2, 1, 1, True)
    assert "- made: is retired" in plan_text(plan)


@pytest.mark.parametrize("damaged", [b"made", b'{"Serial": "made"}'])
def test_nothing_is_retired_or_released_while_a_line_cannot_be_read(
    tmp_path: Path, damaged: bytes
) -> None:
    plan = planned(tmp_path, b'{"Name": "kept"}', damaged)

    assert (plan.removed, plan.retired, plan.released, plan.is_refused) == (2, 0, 0, False)
    text = plan_text(plan)
    assert "- made: stays registered, its certificate stays active" in text
    assert "- found: stays registered, its certificate stays active" in text
    assert "no device is retired or released while a line cannot be read" in text
    (task,) = plans_json([plan])["tasks"]
    assert {removed["becomes"] for removed in task["removed"]} == {"registered"}
