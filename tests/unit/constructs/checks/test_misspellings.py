"""Which name a misspelt one means."""

from __future__ import annotations

import pytest

from thing_registration.checks.misspellings import meant, meant_by

KNOWN = ("SerialNumber", "ThingName", "CSR", "id")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("serialnumber", "SerialNumber"),
        ("serial_number", "SerialNumber"),
        ("Serial Number", "SerialNumber"),
        ("SerialNumbr", "SerialNumber"),
        ("thing-name", "ThingName"),
        ("csr", "CSR"),
        ("ID", "id"),
        ("Colour", None),
        ("SerialNumberOfTheThing", None),
        ("", None),
    ],
)
def test_a_name_means_what_it_almost_is(name: str, known: str | None) -> None:
    assert meant(name, KNOWN) == known


def test_two_names_do_not_mean_one() -> None:
    assert meant_by(["thingname", "thing_name", "Colour"], KNOWN) == {"thingname": "ThingName"}
