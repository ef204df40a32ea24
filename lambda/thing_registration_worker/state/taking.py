"""How a request takes the head from the one before it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from thing_registration_worker import failure_reason
from thing_registration_worker.aws import s3
from thing_registration_worker.errors import NotTheOwner, StateTooNew, Superseded
from thing_registration_worker.request.declaration import Declaration
from thing_registration_worker.request.request import Request
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import head as heads
from thing_registration_worker.state import schema
from thing_registration_worker.state.head import Head, Holder
from thing_registration_worker.timing import WORKER_TIMEOUT, now
from thing_registration_worker.version import VERSION

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ATTEMPTS = 5


def take(
    client: "S3Client", request: Request, place: Declaration, *, make: bool = True
) -> Head | None:
    """Let the request act; return the head, as it is if the request has it already.

    Args:
        client: the client.
        request: the request.
        place: where the head lies: the request's own place, or that of before an update.
        make: whether to make one where there is none.

    Returns:
        The head; None where there is none, and none was made: in a bucket that is gone there is
        nothing that a task could read.

    Raises:
        Superseded: a newer request has it.
        NotTheOwner: the state belongs to another resource.
        StateTooNew: a later version of this library has written the state.
    """
    for _ in range(_ATTEMPTS):
        current = heads.read(client, place.bucket, place.keys.head)
        if current is None and not make:
            return None
        if current is not None and current.holder.request_id == request.request_id:
            return current
        new = _taken(request, current)
        etag = _write(client, place, new, current.etag if current else "")
        if etag:
            return replace(new, etag=etag)
        if etag is None:
            return None
    raise Superseded(request.request_id, current.holder.request_id if current else "")


def _taken(request: Request, current: Head | None) -> Head:
    holder = Holder(request.request_id, request.sent)
    if current is None:
        return Head(holder, owner=request.owner, worker=VERSION)
    if current.oldest_reader > schema.VERSION:
        raise StateTooNew(failure_reason.state_too_new(current.worker, VERSION))
    if request.sent.is_before(current.holder.sent):
        raise Superseded(request.request_id, current.holder.request_id)
    taken_from = current.taken_from
    if current.owner not in (None, request.owner):
        if current.owner.path != request.declaration.take_over or request.kind == "Delete":
            raise NotTheOwner(failure_reason.not_the_owner(current.owner, request.owner))
        taken_from = current.owner
    # Of a request that was answered, nothing is in flight.
    quiet_at = current.quiet_at if current.holder.answered else now() + WORKER_TIMEOUT
    return replace(
        current,
        holder=holder,
        owner=request.owner,
        taken_from=taken_from,
        quiet_at=quiet_at,
        call=None,
        worker_before=current.worker,
        run=Run(),
    )


def _write(client: "S3Client", place: Declaration, new: Head, etag: str) -> str | None:
    """Return the new ETag; empty when another write came before, None if there is no bucket."""
    try:
        written = s3.write_if(client, place.bucket, place.keys.head, new.to_json(), etag)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
        return None
    return written or ""
