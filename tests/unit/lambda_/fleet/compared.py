"""Small files, states and templates, and their comparison."""

import json
from collections.abc import Iterable
from sqlite3 import Connection
from typing import Any

from tests.unit.lambda_.fleet.signed import csrs
from thing_registration_worker.fleet.comparison import Comparison
from thing_registration_worker.fleet.departures import Departure, departures, find_removed
from thing_registration_worker.fleet.prerequisite_names import NameCollector
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.fleet.template import Template
from thing_registration_worker.state import devices, lines, schema
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.lines import Line
from thing_registration_worker.state.schema import REGISTERED

CSRS = csrs(5)
ID, OTHER_ID = "c1" * 32, "c2" * 32


def template(**certificate: Any) -> Template:
    """A template with the parameters Name, Serial and CSR, and this certificate."""
    thing = {
        "ThingName": {"Ref": "Name"},
        "AttributePayload": {"serial": {"Ref": "Serial"}},
        "ThingTypeName": "sensor",
        "BillingGroup": {"Ref": "Serial"},
    }
    resources: dict[str, Any] = {"t": {"Type": "AWS::IoT::Thing", "Properties": thing}}
    if certificate:
        resources["c"] = {"Type": "AWS::IoT::Certificate", "Properties": certificate}
    parameters = {name: {"Type": "String"} for name in ("Name", "Serial", "CSR")}
    return Template(json.dumps({"Parameters": parameters, "Resources": resources}))


CSR = template(CertificateSigningRequest={"Ref": "CSR"})
PEM = template(CertificatePem={"Ref": "CSR"})
BY_ID = template(CertificateId={"Ref": "CSR"})
NONE = template()


def line(name: str, csr: int | str = 0, serial: str = "1") -> bytes:
    pem = CSRS[csr] if isinstance(csr, int) else csr
    return json.dumps({"Name": name, "Serial": serial, "CSR": pem}).encode() + b"\n"


def accepted(text: bytes, body: Template = CSR, **changes: Any) -> Thing:
    """A device as AWS has accepted its line."""
    device = Resolver(body).resolve(text)
    known = {"key": device.key, "certificate_id": ID, "certificate_made": True, "thing_made": True}
    members = {"state": REGISTERED, "resources": device.resources, **known, **changes}
    return Thing(id=0, name=device.thing_name, **members)


def state(*things: Thing) -> Connection:
    db = schema.empty()
    for thing in things:
        devices.put(db, thing)
    return db


def comparison(db: Connection, body: Template = CSR, **options: Any) -> Comparison:
    return Comparison(Resolver(body), db, NameCollector(body), **options)


def compared(
    texts: Iterable[bytes], db: Connection, body: Template = CSR, **options: bool
) -> Comparison:
    """Compare a whole file."""
    made = comparison(db, body, **options)
    assert made.read(texts, lambda: False)
    made.end()
    return made


def kept(db: Connection) -> list[Line]:
    """The lines that are not unchanged."""
    columns = lines._COLUMNS
    return [lines._line(row) for row in db.execute(f"SELECT {columns} FROM line ORDER BY number")]


def departed(db: Connection, made: Comparison, *, claimed: bool = False) -> list[Departure]:
    """What has left the file."""
    numbers = made.line_numbers
    return list(departures(db, numbers, find_removed(db, numbers), claimed=claimed))


def names_left(db: Connection, made: Comparison, *, claimed: bool = False) -> list[str]:
    return [each.name for each in departed(db, made, claimed=claimed)]
