"""The lines of a run that are sent: what Compare decides, what LookUp adds, what Finish needs."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from thing_registration_worker.aws import s3
from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.resolved_device import ResolvedDevice
from thing_registration_worker.request.request import Declaration


@dataclass(frozen=True, slots=True)
class SentLine:
    """One line that is new or changed.

    Attributes:
        number: its number in the user's file, from 1.
        text: the line itself.
        thing_name: the thing that it makes.
        resources_hash: what identifies everything that AWS will set.
        certificate: where the certificate comes from: `csr`, `pem`, `id` or `none`.
        key: the public key of a CSR or PEM.
        certificate_id: the certificate that AWS has for it already; empty for none.
        is_registered: whether the inventory has the thing as registered.
        thing_exists: whether the thing was there before this run, as far as it is known.
        thing_made: whether an earlier run has made the thing.
        certificate_made: whether an earlier run has made the certificate.
        is_retired: whether an earlier run has set the certificate INACTIVE, or may have.
        is_unchanged: whether the inventory has the device as it is declared: only a difference in
            AWS's registry is a reason to send it.
        given_id: the id of the certificate that the line gives, which AWS may not have; empty for
            a CSR and for none.
    """

    number: int
    text: str
    thing_name: str
    resources_hash: str
    certificate: str
    key: str
    certificate_id: str
    is_registered: bool
    thing_exists: bool = False
    thing_made: bool = False
    certificate_made: bool = False
    is_retired: bool = False
    is_unchanged: bool = False
    given_id: str = ""

    @property
    def may_have_certificate(self) -> bool:
        """Whether AWS makes or registers a certificate for the line if it has none yet."""
        return self.certificate in ("csr", "pem")

    def retiring(self, now: float) -> Entry:
        """Return what the inventory keeps while its certificate is brought back."""
        return Entry(
            "retiring",
            self.thing_name,
            key=self.key,
            certificate_id=self.certificate_id,
            thing_made=self.thing_made,
            certificate_made=self.certificate_made,
            at=int(now),
        )

    @property
    def device(self) -> ResolvedDevice:
        """What the line declares."""
        return ResolvedDevice(
            self.thing_name,
            self.resources_hash,
            self.certificate,  # type: ignore[arg-type]
            self.key,
            self.given_id,
        )


def write(clients: Clients, declaration: Declaration, key: str, lines: Iterable[SentLine]) -> None:
    """Write lines to an object of the run."""
    body = b"".join(json.dumps(asdict(line)).encode() + b"\n" for line in lines)
    s3.write(clients.s3, declaration.bucket, key, body)


def read(clients: Clients, declaration: Declaration, key: str) -> Iterator[SentLine]:
    """Yield the lines of an object of a run; none where there is no such object."""
    for line in s3.lines(clients.s3, declaration.bucket, key):
        yield SentLine(**json.loads(line))
