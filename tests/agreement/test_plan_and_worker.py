"""`thing-registration plan` finds in any fleet what the worker's Compare finds.

The plan runs the worker's code, but first leaves out what is unchanged for sure, decodes with
msgspec, and compares in shards.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.lambda_.fleet.signed import certificates, csrs
from thing_registration.deployed.errors import CommandError
from thing_registration.planning import compared_fleet
from thing_registration.planning.comparand import Comparand
from thing_registration.planning.compared_fleet import ComparedFleet, compare
from thing_registration.planning.compared_shard import compare_shard
from thing_registration.planning.fast_lines import entry_of, text_values
from thing_registration_worker.fleet.comparison import Comparison, DuplicateDevice, Verdict
from thing_registration_worker.fleet.inventory import fold
from thing_registration_worker.fleet.inventory_entry import STATES, Entry, State
from thing_registration_worker.fleet.prerequisite_names import NameCollector
from thing_registration_worker.fleet.resolved_device import Resolver, UnresolvedDevice

CSRS = [*csrs(4), *csrs(2), "no certificate"]
PEMS = [*certificates(3), "no certificate"]
IDS = ["c1" * 32, "c2" * 32]
# AWS allows half of them; an inventory may have any.
NAMES = ["a", "b", "c", "a", "b", "dé", 'q"t', "back\\slash"]
SOURCES: dict[str, dict[str, Any]] = {
    "csr": {"CertificateSigningRequest": {"Ref": "Source"}},
    "pem": {"CertificatePem": {"Ref": "Source"}, "CACertificatePem": "ca"},
    "id": {"CertificateId": {"Ref": "Source"}},
}
VALUES = {"csr": CSRS, "pem": PEMS, "id": [*IDS, "0x"], "none": ["unused"]}


def template(kind: str, named: str) -> str:
    parameters: dict[str, Any] = {n: {"Type": "String"} for n in ("Name", "Serial", "Source")}
    if named == "default":
        parameters["Name"]["Default"] = "a"
    name: Any = "literal" if named == "literal" else {"Ref": "Name"}
    properties = {
        "ThingName": name,
        "AttributePayload": {"serial": {"Ref": "Serial"}},
        "ThingTypeName": {"Ref": "Serial"},
    }
    resources: dict[str, Any] = {"t": {"Type": "AWS::IoT::Thing", "Properties": properties}}
    if kind in SOURCES:
        resources["c"] = {"Type": "AWS::IoT::Certificate", "Properties": SOURCES[kind]}
    return json.dumps({"Parameters": parameters, "Resources": resources})


@st.composite
def lines(draw: st.DrawFn, kind: str) -> bytes:
    """A line as somebody might write it."""
    shape = draw(st.sampled_from(["plain"] * 6 + ["blank", "broken", "number", "spaced", "less"]))
    if shape == "blank":
        return draw(st.sampled_from([b"\n", b"  \r\n"]))
    if shape == "broken":
        return draw(st.sampled_from([b"{\n", b'["a"]\n', b'{"Name": "a"} x\n', b"\xff\n"]))
    device: dict[str, Any] = {
        "Name": draw(st.sampled_from(NAMES)),
        "Serial": draw(st.sampled_from(["1", "2", "1", "2", "é"])),
        "Source": draw(st.sampled_from(VALUES[kind])),
    }
    if shape == "number":
        device[draw(st.sampled_from(["Name", "Serial"]))] = draw(st.sampled_from([1, 1.0, True]))
    if shape == "less":
        del device[draw(st.sampled_from(sorted(device)))]
    text = json.dumps(device, ensure_ascii=draw(st.booleans())).encode()
    return b"  " + text + b" \r\n" if shape == "spaced" else text + b"\n"


@st.composite
def entries(draw: st.DrawFn, body: str, file: list[bytes]) -> bytes:
    """An entry, often one that AWS would have accepted of a line."""
    state: State = draw(st.sampled_from(["registered"] * 5 + list(STATES[1:])))
    try:
        device = Resolver(body).resolve(draw(st.sampled_from(file)))
        values = (device.thing_name, device.resources_hash, device.key, device.certificate_id)
    except ValueError:
        values = (draw(st.sampled_from(NAMES)), "", "", "")
    name, resources_hash, key, certificate_id = values
    entry = Entry(
        state,
        draw(st.sampled_from([name, name, *NAMES])) or "a",
        draw(st.sampled_from([resources_hash, resources_hash, "1:" + "0" * 32, ""])),
        draw(st.sampled_from([key, key, "a1" * 32, ""])),
        draw(st.sampled_from([certificate_id or IDS[0], *IDS, ""])),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.integers(0, 9)),
    )
    return entry.to_line()


@st.composite
def fleets(draw: st.DrawFn) -> tuple[str, list[bytes], list[bytes]]:
    kind = draw(st.sampled_from(sorted(VALUES)))
    body = template(kind, draw(st.sampled_from(["ref", "ref", "default", "literal"])))
    file = draw(st.lists(lines(kind), max_size=8))
    kept: list[bytes] = []
    if file:
        kept = draw(st.lists(entries(body, file), max_size=8))
    mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    if file:
        file[0] = mark + file[0]
    return body, file, kept


def returns(verdict: Verdict) -> bool:
    """Whether a line's device was retired."""
    return verdict.known is not None and verdict.known.is_retired


def worker(body: str, file: list[bytes], kept: list[bytes]) -> dict[str, Any] | str:
    """What the worker's code says of a fleet, or why it refuses it."""
    index = fold([kept])
    comparison, collector = Comparison(Resolver(body), index), NameCollector(body)
    verdicts = list(comparison.verdicts(file))
    try:
        comparison.check_duplicates()
    except DuplicateDevice as error:
        return f"devices.jsonl:{error.second}: uses the same {error.what} as line {error.first}"
    sent = [verdict for verdict in verdicts if verdict.kind in ("new", "changed")]
    for verdict in sent:
        collector.add(verdict.device.names if verdict.device else ())
    certified = [v for v in sent if v.device and v.device.certificate in ("csr", "pem")]
    removed = list(comparison.removed())
    made = [each for each in removed if each.thing_made or each.certificate_made]
    keys = {verdict.device.key for verdict in verdicts if verdict.device} - {""}
    return {
        "counts": comparison.counts,
        "first": {
            kind: [(v.number, v.new_key, v.problem, returns(v)) for v in verdicts if v.kind == kind]
            for kind in ("new", "changed", "unreadable")
        },
        "new": [v.number for v in sent if v.kind == "new"],
        "new_keys": sum(v.new_key for v in sent),
        "to_ask": sum(bool(v.certificate_id) for v in certified),
        "to_look_up": [v.number for v in certified if not v.certificate_id],
        "renamed": {v.number: v.known_as for v in certified if v.known_as},
        "names": collector.names().to_json(),
        "removed": sorted(each.thing_name for each in removed),
        "made": len(made),
        "renamed_made": len([each for each in made if each.key in keys]),
        "registered": index.count_registered(),
    }


def planned(what: Comparand) -> dict[str, Any] | str:
    """What the plan says of it."""
    try:
        fleet: ComparedFleet = compare(what)
    except CommandError as error:
        return str(error)
    return {
        "counts": dict(fleet.counts),
        "first": {
            kind: [(line.number, line.new_key, line.problem, line.returns) for line in lines]
            for kind, lines in fleet.first.items()
        },
        "new": list(fleet.new_numbers),
        "new_keys": fleet.new_keys,
        "to_ask": fleet.to_ask,
        "to_look_up": list(fleet.to_look_up),
        "renamed": dict(fleet.renamed),
        "names": fleet.names.to_json(),
        "removed": [each.thing_name for each in fleet.removed],
        "made": fleet.removed_made,
        "renamed_made": fleet.renamed_made,
        "registered": fleet.registered,
    }


@pytest.fixture(params=[1, 3])
def _shards(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compared_fleet, "_LARGE", 0)
    monkeypatch.setattr(compared_fleet, "cores", lambda: request.param)
    monkeypatch.setattr(compared_fleet, "_in_a_process", compare_shard)


@pytest.mark.usefixtures("_shards")
@pytest.mark.slow
@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(fleets())
def test_any_fleet_is_compared_as_the_worker_compares_it(
    fleet: tuple[str, list[bytes], list[bytes]],
) -> None:
    body, file, kept = fleet
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "file", Path(folder) / "inventory"
        paths[0].write_bytes(b"".join(file))
        paths[1].write_bytes(b"".join(kept))

        found = planned(Comparand(body, *paths, "devices.jsonl"))

        assert found == worker(body, file, kept)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=40),
        st.dictionaries(st.text(max_size=3), st.text(max_size=5) | st.integers(), max_size=3).map(
            lambda values: json.dumps(values).encode()
        ),
    )
)
def test_what_msgspec_reads_of_a_line_json_reads_as_well(line: bytes) -> None:
    fast = text_values(line)
    if fast is None:
        return

    assert Resolver(template("none", "ref"))._values(line) == fast


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_an_entry_is_read_as_the_worker_reads_it(data: st.DataObject) -> None:
    body = template("csr", "ref")
    file = data.draw(st.lists(lines("csr"), min_size=1, max_size=3))
    line = bytearray(data.draw(entries(body, file)))
    if data.draw(st.booleans()):
        line[data.draw(st.integers(0, len(line) - 2))] = data.draw(st.integers(32, 126))
    try:
        expected: Any = Entry.from_line(bytes(line))
    except ValueError as error:
        expected = str(error)

    try:
        found: Any = entry_of(bytes(line))
    except ValueError as error:
        found = str(error)
    assert str(found) == str(expected)


def test_a_line_that_cannot_be_resolved_is_no_text() -> None:
    with pytest.raises(UnresolvedDevice):
        Resolver(template("none", "ref"), text_values).resolve(b'{"Name": "a"}')
