"""What the devices refer to by name: verify that it exists, or create what is missing.

There may be thousands of names. A call of the worker sees to some of them, and the next call goes
on behind them.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thing_registration_worker.aws import named_resources
from thing_registration_worker.aws.named_resources import NamedResource
from thing_registration_worker.fleet.prerequisite_names import Kind, PrerequisiteNames

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient

#: Stands for the policies that have no document of their own.
DEFAULT_DOCUMENT = "*"

_WORDS: dict[Kind, str] = {
    "thing_types": "thing type",
    "billing_groups": "billing group",
    "policies": "policy",
    "thing_groups": "thing group",
}
_REFUSALS = ("InvalidRequestException", "MalformedPolicyException")


@dataclass(frozen=True)
class Piece:
    """What one call of the worker has seen.

    Attributes:
        done: how many names were seen so far, those of earlier pieces with them. It is complete
            when that is the `count` of the names.
        problems: a phrase for each name of this piece that cannot be used; where there is one, no
            device may be sent.
        notes: a phrase for each that can be used, but is not as declared; for the log.
    """

    done: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]


class _Unusable(Exception):
    """Devices cannot be registered with a name; the message is the phrase about it."""


def missing(iot: "IoTClient", names: PrerequisiteNames, end: float, done: int = 0) -> Piece:
    """Ask AWS for names, until the time has come.

    Args:
        iot: the client.
        names: what the devices refer to.
        end: when to leave the other names to the next call, in epoch seconds.
        done: that of the piece before.
    """

    def verify(kind: Kind, name: str) -> str:
        if _usable(iot, kind, name) is None:
            raise _Unusable(f"{_WORDS[kind]} {name!r} does not exist")
        return ""

    return _piece(names, end, done, verify)


def create(
    iot: "IoTClient",
    names: PrerequisiteNames,
    policy_documents: Mapping[str, object],
    end: float,
    done: int = 0,
) -> Piece:
    """Create what is missing, until the time has come; what exists is left as it is.

    Args:
        iot: the client.
        names: what the devices refer to.
        policy_documents: the document of each policy, JSON text or what it is made of; that of
            `*` is for the others.
        end: when to leave the other names to the next call, in epoch seconds.
        done: that of the piece before.
    """

    def make(kind: Kind, name: str) -> str:
        document = _document(policy_documents, name) if kind == "policies" else ""
        found = _usable(iot, kind, name)
        if found is None:
            _create(iot, kind, name, document)
        elif document and not _equal(found.policy_document, document):
            return f"policy {name!r} exists with another document, and is left as it is"
        return ""

    return _piece(names, end, done, make)


def _piece(
    names: PrerequisiteNames, end: float, done: int, see_to: Callable[[Kind, str], str]
) -> Piece:
    """See to one name after the other; see to one at least, so that every call gets on."""
    problems, notes = [], []
    for kind, name in islice(names.each(), done, None):
        try:
            notes.append(see_to(kind, name))
        except _Unusable as problem:
            problems.append(str(problem))
        done += 1
        if time.time() > end:
            break
    return Piece(done, tuple(problems), tuple(filter(None, notes)))


def _usable(iot: "IoTClient", kind: Kind, name: str) -> NamedResource | None:
    """Return what AWS has under a name; None for nothing.

    Raises:
        _Unusable: it is deprecated or a dynamic group, or AWS refuses the name.
    """
    try:
        found = named_resources.find(iot, kind, name)
    except iot.exceptions.InvalidRequestException as error:
        raise _Unusable(_refused(kind, name, error)) from error
    if found is not None and found.deprecated:
        raise _Unusable(f"{_WORDS[kind]} {name!r} is deprecated")
    if found is not None and found.query:
        raise _Unusable(
            f"{_WORDS[kind]} {name!r} is dynamic: AWS itself fills it, by its query {found.query!r}"
        )
    return found


def _create(iot: "IoTClient", kind: Kind, name: str, document: str) -> None:
    if kind == "policies" and not document:
        raise _Unusable(f"policy {name!r} does not exist, and has no document to create it with")
    try:
        named_resources.create(iot, kind, name, document)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _REFUSALS:
            raise
        raise _Unusable(_refused(kind, name, error)) from error
    print(f"created {_WORDS[kind]} {name}")


def _refused(kind: Kind, name: str, error: ClientError) -> str:
    details = error.response["Error"]
    return f"{_WORDS[kind]} {name!r} is refused ({details['Code']}: {details.get('Message', '')})"


def _document(documents: Mapping[str, object], name: str) -> str:
    """Return a policy's document as the JSON text that CreatePolicy takes; empty for none."""
    document = documents.get(name, documents.get(DEFAULT_DOCUMENT, ""))
    if isinstance(document, str):
        return document
    return json.dumps(document, separators=(",", ":"))


def _equal(one: str, other: str) -> bool:
    """Return whether two documents are the same JSON."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return one == other
