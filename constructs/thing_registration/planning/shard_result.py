"""What the process that compares a shard is asked, and what it answers."""

from __future__ import annotations

import msgspec

#: How many of each kind are named; of as many changed devices, AWS's registry is asked.
SHOWN = 20


class Wanted(msgspec.Struct, frozen=True):
    """What a process compares."""

    template_body: str
    input_file: str
    inventory: str
    shard: int
    of: int


class Line(msgspec.Struct, frozen=True):
    """A line that is not unchanged; most members are those of a `Verdict`.

    Args:
        returns: whether its device was retired.
    """

    number: int
    kind: str
    thing_name: str = ""
    new_key: bool = False
    problem: str = ""
    returns: bool = False


class Removed(msgspec.Struct, frozen=True):
    """A thing that is no longer in the file.

    Args:
        thing_name: its name.
        is_made: whether it or its certificate was made here.
        is_renamed: whether a line has its key, so that it goes on under another name.
        key: the number that stands for its key.
    """

    thing_name: str
    is_made: bool
    is_renamed: bool = False
    key: int = 0


class ShardResult(msgspec.Struct, frozen=True):
    """What is known of the things of a shard.

    Args:
        first: the first lines of each kind.
        new_keys: how many known things have a new key.
        to_ask: how many lines are sent with a certificate that their thing has.
        open_numbers: the lines, as an array of 32-bit numbers, whose thing is not known to have
            a certificate for their key: another one may have.
        open_keys: for each of them the key, 32 bytes.
        new_numbers: the lines, in the same way, whose thing is not known.
        names: what the lines that are sent refer to.
        removed: the first things that are no longer in the file.
        removed_made: the numbers of the keys of those that were made here, as an array.
        removed_found: in the same way, of those that were found.
        registered: how many things are registered.
        counts: how many verdicts there were of each kind.
        thing_names: for each line of the file, as an array of 64-bit numbers, one that stands for
            its thing; 0 for none, and for the lines of other shards.
        keys: in the same way, for its key.
    """

    first: list[Line]
    new_keys: int
    to_ask: int
    open_numbers: bytes
    open_keys: bytes
    new_numbers: bytes
    names: bytes
    removed: list[Removed]
    removed_made: bytes
    removed_found: bytes
    registered: int
    counts: dict[str, int]
    thing_names: bytes
    keys: bytes
