"""An input file against a fleet's state: what a deployment would find, by the worker's own code.

The comparison writes what it finds into the state's tables; the rest are questions to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from sqlite3 import Connection
from typing import Literal, get_args

from thing_registration.deployed.errors import CommandError
from thing_registration.planning.comparand import Comparand
from thing_registration_worker.fleet.comparison import Comparison, DuplicateDevice, LineTooLong
from thing_registration_worker.fleet.departures import Departure, departures, find_removed
from thing_registration_worker.fleet.input_text import MAX_LINE_BYTES
from thing_registration_worker.fleet.prerequisite_names import NameCollector, PrerequisiteNames
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.fleet.template import CertificateKind, Template
from thing_registration_worker.state import devices, lines
from thing_registration_worker.state.lines import Line

#: How many of each kind are named; of as many changed devices, AWS's registry is asked.
SHOWN = 20
Shown = Literal["new", "changed", "unreadable"]
Fate = Literal["retired", "renamed", "released", "moved"]
# Returns the names of the leaving devices that other tasks declare.
Moved = Callable[[Connection, Sequence[Departure]], Container[str]]


@dataclass(frozen=True)
class ShownLine:
    """One of the first lines of its kind.

    Attributes:
        line: the line.
        at: its number in the file as it was given.
        new_key: whether its thing has a certificate for another key.
        returns: whether its thing was retired.
    """

    line: Line
    at: int
    new_key: bool
    returns: bool


@dataclass(frozen=True)
class Certificates:
    """How many lines with a CSR or a certificate have one that AWS is known to have, or none."""

    known: int
    unknown: int


@dataclass(frozen=True)
class ComparedFleet:
    """What a deployment would find.

    Attributes:
        db: the state, with the lines that are not unchanged, until it is closed.
        certificate: where the certificate of every device comes from.
        counts: how many lines are new, changed, unchanged and unreadable.
        first: the first lines of these, by kind, the unchanged ones aside.
        new_keys: how many known things have a new key.
        certificates: those of the lines that are sent.
        checked_certificates: those of the lines that are only compared with AWS's registry.
        renamed: the lines, as they were given, with the key of another thing, and that thing.
        names: what the lines that are sent refer to.
        removed: how many things of the fleet are no longer in the file.
        first_removed: the first of them, and what a run that retires devices does about each.
        fates: how many of those that count as registered have each fate.
        to_deregister: how many devices are retired or forgotten, and certificates without one.
        registered: how many things are registered.
        parts: how many parts are sent or compared with AWS's registry.
    """

    db: Connection
    certificate: CertificateKind
    counts: Mapping[str, int]
    first: Mapping[Shown, Sequence[ShownLine]]
    new_keys: int
    certificates: Certificates
    checked_certificates: Certificates
    renamed: Sequence[tuple[int, str]]
    names: PrerequisiteNames
    removed: int
    first_removed: Sequence[tuple[str, Fate]]
    fates: Mapping[Fate, int]
    to_deregister: int
    registered: int
    parts: int

    def to_send(self) -> Iterator[Line]:
        """Yield the lines that are sent for sure, in the order of the file."""
        for part in range(self.parts):
            yield from (line for line in lines.of_part(self.db, part) if line.kind != "same")


def compare(
    what: Comparand,
    db: Connection,
    *,
    check_all: bool = False,
    claimed: bool = False,
    moved: Moved = lambda db, leaving: (),
) -> ComparedFleet:
    """Compare.

    Args:
        what: the file and the template.
        db: the state; what is found is written into it.
        check_all: unchanged lines are to be compared with AWS's registry.
        claimed: what was found is ours as well.
        moved: finds what other tasks declare.

    Raises:
        CommandError: no line is for a device, two lines have one thing name or one key, or one is
            too long.
    """
    template = Template(what.template_body)
    collector = NameCollector(template)
    # What a deployment that is under way has compared is not gone on with.
    comparison = Comparison(Resolver(template), db, collector, run="plan", compare_all=check_all)
    try:
        with what.input_file.open("rb") as texts:
            comparison.read(texts, lambda: False)
        comparison.check_keys()
    except DuplicateDevice as error:
        first, second = what.number(error.first), what.number(error.second)
        raise CommandError(
            f"{what.source}:{second}: uses the same {error.what} as line {first}"
        ) from error
    except LineTooLong as error:
        raise CommandError(
            f"{what.source}:{what.number(error.number)}: has more than {MAX_LINE_BYTES:,} bytes"
        ) from error
    if not comparison.lines:
        raise CommandError(f"{what.source}: contains no devices: cdk deploy refuses it")
    numbers = comparison.line_numbers
    removed = find_removed(db, numbers)
    leaving = list(departures(db, numbers, removed, claimed=claimed))
    elsewhere = moved(db, leaving)
    fates = [_fate(each, elsewhere) for each in leaving]
    kinds = Counter[str](dict(db.execute("SELECT kind, count(*) FROM line GROUP BY kind")))
    return ComparedFleet(
        db=db,
        certificate=template.certificate,
        counts={
            "new": kinds["new"],
            "changed": kinds["changed"],
            "unchanged": comparison.unchanged + kinds["same"],
            "unreadable": kinds["unreadable"],
        },
        first={kind: _first(what, db, kind) for kind in get_args(Shown)},
        new_keys=_count_new_keys(db),
        certificates=_certificates(db, "kind != 'same'"),
        checked_certificates=_certificates(db, "kind = 'same'"),
        renamed=[(what.number(number), name) for number, name in _renamed(db)],
        names=collector.names(),
        removed=len(removed),
        # Behind the things stand certificates without one.
        first_removed=nsmallest(
            SHOWN, zip((each.name for each in leaving[: len(removed)]), fates, strict=False)
        ),
        fates=Counter(fate for each, fate in zip(leaving, fates, strict=True) if each.is_counted),
        to_deregister=len({each.name for each in leaving if each.name not in elsewhere}),
        registered=devices.count_in_fleet(db),
        parts=comparison.parts,
    )


def _fate(leaving: Departure, elsewhere: Container[str]) -> Fate:
    if leaving.name in elsewhere:
        return "moved"
    if not leaving.is_made:
        return "released"
    return "renamed" if leaving.is_renamed else "retired"


def _first(what: Comparand, db: Connection, kind: Shown) -> list[ShownLine]:
    found = []
    for line in lines.first(db, kind, SHOWN):
        thing = devices.by_name(db, line.name) if kind == "changed" else None
        found.append(
            ShownLine(
                line,
                what.number(line.number),
                thing is not None and bool(thing.key and line.key) and thing.key != line.key,
                thing is not None and thing.is_retired,
            )
        )
    return found


def _count_new_keys(db: Connection) -> int:
    row = db.execute(
        """SELECT count(*) FROM line JOIN thing ON thing.name = line.name
        WHERE line.kind = 'changed' AND thing.key != line.key"""
    ).fetchone()
    return int(row[0])


def _certificates(db: Connection, which: str) -> Certificates:
    known, unknown = db.execute(
        f"""SELECT count(certificate_id), count(*) - count(certificate_id) FROM line
        WHERE part IS NOT NULL AND key IS NOT NULL AND {which}"""  # noqa: S608 - of constants
    ).fetchone()
    return Certificates(known, unknown)


def _renamed(db: Connection) -> Iterator[tuple[int, str]]:
    """Yield the lines that are sent with the certificate of another thing, and that thing."""
    rows = db.execute(
        """SELECT line.number, line.name, line.key FROM line JOIN thing ON thing.name = line.name
        WHERE line.kind != 'same' AND line.key IS NOT NULL AND line.certificate_id IS NOT NULL
          AND thing.certificate_id IS NOT line.certificate_id ORDER BY line.number"""
    )
    for number, name, key in rows:
        known = devices.by_key(db, devices.digits(key))
        if known is not None and known.thing != name:
            yield number, known.thing
