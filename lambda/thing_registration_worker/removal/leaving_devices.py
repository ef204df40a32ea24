"""The devices that are to be deregistered: a queue in the run's working folder."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, groupby, islice

from thing_registration_worker.aws import s3
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import nothing_retired, too_many_removed
from thing_registration_worker.fleet.comparison import Comparison
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.run_size import most_retired
from thing_registration_worker.run.progress import Run
from thing_registration_worker.state import kept_inventory
from thing_registration_worker.step import Step

# A piece of the queue is one object.
PIECE_DEVICES = 2_000


@dataclass(frozen=True)
class Leaving:
    """What is known of a device that leaves, and whether another line has its key."""

    entry: Entry
    in_use: bool

    def to_line(self) -> bytes:
        """Return the line of the queue, with its line break."""
        return (b"+" if self.in_use else b"-") + self.entry.to_line()

    @classmethod
    def from_line(cls, line: bytes) -> "Leaving":
        """Read what `to_line` has written."""
        return cls(Entry.from_line(line[1:]), line.startswith(b"+"))


def collect(step: Step, run: Run, comparison: Comparison) -> Run:
    """Write the queue of what has left the file; after the last line of it.

    A line that could not be read may be that of any device: then nothing has left for sure.

    Raises:
        RegistrationError: they are more than may be retired at once.
    """
    declaration = step.request.declaration
    if declaration.deregister == "NEVER":
        return run
    if run.unread:
        print(nothing_retired(declaration.input_uri, run.unread))
        return run
    to_retire = 0
    keys = comparison.keys()

    def leaving() -> Iterator[Leaving]:
        nonlocal to_retire
        for entry in chain(comparison.removed(), comparison.orphans()):
            mine = entry.claimed() if declaration.claim_existing else entry
            in_use = _begins(mine.key) in keys
            # A device that was renamed goes on under its new name.
            to_retire += mine.state == "registered" and mine.is_made and not in_use
            yield Leaving(mine, in_use)

    total = _write(step, leaving())
    allowed = declaration.max_deregistered
    if allowed is None:
        allowed = most_retired(run.registered)
    if to_retire > allowed:
        raise RegistrationError(too_many_removed(to_retire, allowed, run.registered))
    return replace(run, to_deregister=total)


def collect_all(step: Step, *, only_retired: bool = False) -> int:
    """Write the queue of everything that this resource has made; return how many devices."""
    entries = made(step, only_retired=only_retired)
    return _write(step, (Leaving(entry, in_use=False) for entry in entries))


def made(step: Step, *, only_retired: bool = False) -> list[Entry]:
    """Return an entry for each thing and certificate that this resource has made, by the things."""
    declaration = step.request.declaration
    index = kept_inventory.read(step.clients, declaration)
    entries = list(index.made(declaration.claim_existing))
    if only_retired:
        names = {entry.thing_name for entry in entries if entry.state in ("retiring", "retired")}
        entries = [entry for entry in entries if entry.thing_name in names]
    return sorted(entries, key=lambda entry: (entry.thing_name, -entry.at))


def read(step: Step, position: int) -> list[list[Leaving]]:
    """Return the entries of the devices from a position on, up to the end of their piece."""
    declaration, (number, done) = step.request.declaration, divmod(position, PIECE_DEVICES)
    lines = s3.lines(step.clients.s3, declaration.bucket, _key(step, number))
    return list(_devices(map(Leaving.from_line, lines)))[done:]


def _begins(key: str) -> int:
    """Return a key as a comparison keeps it; -1 for none."""
    return int.from_bytes(bytes.fromhex(key)[:8], "little") if key else -1


def _write(step: Step, entries: Iterable[Leaving]) -> int:
    declaration, total = step.request.declaration, 0
    devices = _devices(entries)
    while piece := list(islice(devices, PIECE_DEVICES)):
        body = b"".join(entry.to_line() for device in piece for entry in device)
        key = _key(step, total // PIECE_DEVICES)
        s3.write(step.clients.s3, declaration.bucket, key, body)
        total += len(piece)
    return total


def _devices(entries: Iterable[Leaving]) -> Iterator[list[Leaving]]:
    for _, group in groupby(entries, key=lambda leaving: leaving.entry.thing_name):
        yield list(group)


def _key(step: Step, number: int) -> str:
    return step.request.declaration.keys.work(step.request.request_id, f"removed/{number:05}.jsonl")
