"""What the other tasks of the stack declare: a device that moves to one of them is not retired."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from sqlite3 import Connection

from botocore.exceptions import ClientError

from thing_registration_worker.aws import s3
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import other_input_unreadable
from thing_registration_worker.fleet.departures import Departure
from thing_registration_worker.fleet.input_text import BYTE_ORDER_MARK
from thing_registration_worker.fleet.public_keys import UnreadableCertificate
from thing_registration_worker.fleet.resolved_device import Resolver, UnresolvedDevice
from thing_registration_worker.fleet.template import Template
from thing_registration_worker.request.declaration import OtherInput
from thing_registration_worker.state import devices
from thing_registration_worker.step import Step


def without_declared(step: Step, leaving: Sequence[Departure]) -> list[Departure]:
    """Return the devices that no other task of the stack declares, by their name or key.

    Those that one does are forgotten here: they are its own now.

    Raises:
        RegistrationError: another task's file cannot be read.
    """
    others = step.request.declaration.other_inputs
    if not leaving or not others:
        return list(leaving)

    def read(other: OtherInput) -> Iterator[bytes]:
        return s3.all_lines(step.clients.s3, other.bucket, other.key, other.version_id)

    declared = declared_by(others, step.db, leaving, read)
    for name in declared:
        devices.forget(step.db, name)
    return [each for each in leaving if each.name not in declared]


def declared_by(
    others: Sequence[OtherInput],
    db: Connection,
    leaving: Sequence[Departure],
    read: Callable[[OtherInput], Iterable[bytes]],
) -> set[str]:
    """Return the names of the leaving devices that other tasks declare, by their name or key.

    Args:
        others: the other tasks' files.
        db: the state.
        leaving: the devices.
        read: returns the lines of a file.

    Raises:
        RegistrationError: another task's file cannot be read.
    """
    keys = {
        certificate.key: each.name
        for each in leaving
        for certificate in devices.certificates_of(db, each.name)
    }
    names = {each.name for each in leaving}
    declared = set()
    for other in others:
        for name, key in _declared(other, read):
            declared |= {name} & names
            if key in keys:
                declared.add(keys[key])
    return declared


def _declared(
    other: OtherInput, read: Callable[[OtherInput], Iterable[bytes]]
) -> Iterator[tuple[str, str]]:
    """Yield the name and the key of each line of another task's file.

    Raises:
        RegistrationError: it cannot be read, or a line of it cannot: any device may be on that.
    """
    resolver = Resolver(Template(other.template))
    uri = f"s3://{other.bucket}/{other.key}"
    try:
        for number, line in enumerate(read(other), 1):
            text = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
            if not text.strip():
                continue
            device = resolver.resolve(text)
            yield device.thing_name, device.key
    except (UnresolvedDevice, UnreadableCertificate) as error:
        raise RegistrationError(other_input_unreadable(other.task, uri, str(error))) from error
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "NoSuchBucket", "NoSuchVersion"):
            raise
        code = error.response["Error"]["Code"]
        raise RegistrationError(other_input_unreadable(other.task, uri, code)) from error
