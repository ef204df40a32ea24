"""An input file against an inventory: what a deployment would send.

A large fleet is compared by one process for each core, each with the things of one shard.
"""

from __future__ import annotations

import os
import subprocess
import sys
from array import array
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from operator import or_

import msgspec
from msgspec.structs import replace

from thing_registration.checks.fast.parallel import cores
from thing_registration.deployed.errors import CommandError
from thing_registration.planning.comparand import Comparand
from thing_registration.planning.compared_shard import compare_shard
from thing_registration.planning.fast_lines import entry_of, text_values
from thing_registration.planning.shard_result import SHOWN, Line, Removed, ShardResult, Wanted
from thing_registration_worker.fleet.comparison import (
    DuplicateDevice,
    Verdict,
    check_unique,
    with_known_key,
)
from thing_registration_worker.fleet.inventory import Index
from thing_registration_worker.fleet.inventory_entry import InvalidEntry
from thing_registration_worker.fleet.prerequisite_names import PrerequisiteNames
from thing_registration_worker.fleet.resolved_device import Resolver

# Below this, starting processes takes longer than they save.
_LARGE = 8 * 1024 * 1024
_PROGRAM = "from thing_registration.planning.compared_shard import main; main()"


@dataclass(frozen=True)
class ComparedFleet:
    """What a deployment would find.

    Attributes:
        counts: how many lines are new, changed, unchanged and unreadable.
        first: the first lines of these, by kind, the unchanged ones aside.
        new_numbers: the lines whose thing is not known.
        new_keys: how many known things have a new key.
        to_ask: how many lines are sent with a certificate that AWS is known to have.
        to_look_up: the lines that may make a certificate, because none is known for their key.
        renamed: by line, the other thing that was registered with its key; in their order.
        unchanged_certified: how many unchanged lines have a CSR or a certificate.
        names: what the lines that are sent refer to.
        removed: the first things that are no longer in the file.
        removed_made: how many of those this resource has made, or their certificates.
        removed_found: how many of those it found.
        renamed_made: how many of the former go on under another name.
        renamed_found: how many of the latter do.
        registered: how many things are registered.
    """

    counts: Mapping[str, int]
    first: Mapping[str, Sequence[Line]]
    new_numbers: Sequence[int]
    new_keys: int
    to_ask: int
    to_look_up: Sequence[int]
    renamed: Mapping[int, str]
    unchanged_certified: int
    names: PrerequisiteNames
    removed: Sequence[Removed]
    removed_made: int
    removed_found: int
    renamed_made: int
    renamed_found: int
    registered: int


def compare(what: Comparand) -> ComparedFleet:
    """Compare.

    Raises:
        CommandError: two lines have one thing name or one key, or the inventory cannot be read.
    """
    try:
        results = _compared(what)
        keys = _unique_keys(what, results)
        known = _known_keys(what, results)
    except InvalidEntry as error:
        raise CommandError(str(error)) from error
    counts = Counter[str]()
    for one in results:
        counts.update(one.counts)
    made = [key for one in results for key in _longs(one.removed_made)]
    found = [key for one in results for key in _longs(one.removed_found)]
    is_certified = Resolver(what.template_body).certificate in ("csr", "pem")
    first = sorted((line for one in results for line in one.first), key=lambda line: line.number)
    open_lines = sorted(n for one in results for n in _numbers(one.open_numbers))
    return ComparedFleet(
        counts=counts,
        first={
            kind: [line for line in first if line.kind == kind][:SHOWN]
            for kind in ("new", "changed", "unreadable")
        },
        new_numbers=sorted(n for one in results for n in _numbers(one.new_numbers)),
        new_keys=sum(one.new_keys for one in results),
        to_ask=sum(one.to_ask for one in results) + len(known),
        to_look_up=[number for number in open_lines if number not in known],
        renamed={number: known[number] for number in sorted(known) if known[number]},
        unchanged_certified=counts["unchanged"] if is_certified else 0,
        names=_names(results),
        removed=sorted(
            (
                replace(removed, is_renamed=removed.key in keys)
                for one in results
                for removed in one.removed
            ),
            key=lambda removed: removed.thing_name,
        )[:SHOWN],
        removed_made=len(made),
        removed_found=len(found),
        renamed_made=sum(key in keys for key in made),
        renamed_found=sum(key in keys for key in found),
        registered=sum(one.registered for one in results),
    )


def _compared(what: Comparand) -> list[ShardResult]:
    """Compare each shard."""
    size = what.input_file.stat().st_size + what.inventory.stat().st_size
    of = cores() if size >= _LARGE else 1
    shards = [
        Wanted(what.template_body, str(what.input_file), str(what.inventory), number, of)
        for number in range(of)
    ]
    if of == 1:
        return [compare_shard(shards[0])]
    with ThreadPoolExecutor(of) as pool:
        return list(pool.map(_in_a_process, shards))


def _in_a_process(wanted: Wanted) -> ShardResult:
    path = os.pathsep.join(filter(None, sys.path))
    # The numbers that stand for names must be the same in every process.
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", _PROGRAM],
        input=msgspec.msgpack.encode(wanted),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"},
        check=False,
    )
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise CommandError(f"the comparison failed: {last or f'exit code {done.returncode}'}")
    return msgspec.msgpack.decode(done.stdout, type=ShardResult)


def _unique_keys(what: Comparand, results: Sequence[ShardResult]) -> Container[int]:
    """Return the numbers of the keys of all lines, after a look for names and keys on two."""
    keys = _merged([one.keys for one in results])
    try:
        check_unique("thing name", _merged([one.thing_names for one in results]))
        check_unique("key", keys)
    except DuplicateDevice as error:
        first, second = what.number(error.first), what.number(error.second)
        raise CommandError(
            f"{what.source}:{second}: uses the same {error.what} as line {first}"
        ) from error
    has_removed = any(one.removed for one in results)
    return frozenset(keys) - {0} if has_removed else frozenset()


def _known_keys(what: Comparand, results: Sequence[ShardResult]) -> dict[int, str]:
    """Return the open lines whose key AWS has certified, and for which other thing."""
    lines = {
        one.open_keys[32 * place : 32 * place + 32].hex(): number
        for one in results
        for place, number in enumerate(_numbers(one.open_numbers))
    }
    if not lines or not what.inventory.stat().st_size:
        return {}
    index = Index()
    with what.inventory.open("rb") as file:
        for line in file:
            entry = entry_of(line) if line.strip() else None
            if entry is not None and entry.key in lines:
                index.add(entry)
    found = [number for key, number in lines.items() if index.by_key(key)]
    resolver, known = Resolver(what.template_body, text_values), {}
    for number, line in what.lines(found):
        verdict = with_known_key(Verdict(number, "new", line, resolver.resolve(line)), index)
        if verdict.certificate_id:
            known[number] = verdict.known_as
    return known


def _names(results: Sequence[ShardResult]) -> PrerequisiteNames:
    shards = [PrerequisiteNames.from_json(one.names) for one in results]
    return PrerequisiteNames(
        *(
            tuple(sorted({name for shard in shards for name in getattr(shard, field.name)}))
            for field in fields(PrerequisiteNames)
        )
    )


def _merged(shards: Sequence[bytes]) -> array[int]:
    """Return the numbers of all lines; those of other shards are zeros in each."""
    whole = array("Q")
    for part in map(_longs, shards):
        whole = array("Q", map(or_, whole, part)) if whole else part
    return whole


def _longs(content: bytes) -> array[int]:
    numbers = array("Q")
    numbers.frombytes(content)
    return numbers


def _numbers(content: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(content)
    return numbers
