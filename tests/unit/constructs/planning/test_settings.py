"""How a deployment goes about devices that left, as far as the properties say it."""

from __future__ import annotations

import pytest

from thing_registration.deployed.resolved_values import Text
from thing_registration.deployed.stack_tasks import StackTask
from thing_registration.planning.settings import Settings


def task(**properties: str) -> StackTask:
    return StackTask("S", "Fleet1", "S/Fleet", {n: Text(v) for n, v in properties.items()})


@pytest.mark.parametrize(
    ("allowed", "registered", "most"),
    [("", 50, 10), ("", 500, 50), ("3", 500, 3), ("0", 500, 0)],
)
def test_how_many_may_be_retired_at_once(allowed: str, registered: int, most: int) -> None:
    assert Settings.of(task(MaxDeregistered=allowed)).most_retired(registered) == most


def test_properties_that_an_older_version_does_not_have_are_never_and_assume() -> None:
    settings = Settings.of(task())

    assert (settings.deregister, settings.prerequisites) == ("NEVER", "ASSUME")


def test_the_properties_are_read() -> None:
    settings = Settings.of(task(Deregister="ALL", ClaimExisting="true", ThingsPerSecond="2.5"))

    assert (settings.deregister, settings.claim_existing) == ("ALL", True)
    assert settings.things_per_second == 2.5
