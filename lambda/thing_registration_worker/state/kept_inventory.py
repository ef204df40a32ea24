"""The inventory in the bucket: immutable objects, folded when they are read."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from thing_registration_worker.aws import s3
from thing_registration_worker.aws.clients import Clients
from thing_registration_worker.fleet.inventory import Index, fold
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.request.request import Declaration
from thing_registration_worker.step import Step

# Many deployments leave many small objects: most of the time of reading one is waiting for S3.
READ_AHEAD = 8


def read(clients: Clients, declaration: Declaration) -> Index:
    """Return what AWS has accepted for the resource."""
    return fold(_parts(clients, declaration))


def append(step: Step, number: int, entries: Iterable[Entry]) -> int:
    """Write one part of the inventory; no other part of this run is overwritten.

    Args:
        step: the step that writes it.
        number: how many parts the run has written.
        entries: none: nothing is written.

    Returns:
        How many parts the run has written by now.
    """
    body = b"".join(entry.to_line() for entry in entries)
    if not body:
        return number
    declaration = step.request.declaration
    while True:
        key = declaration.keys.entries(_run(step), number)
        number += 1
        if s3.write_if(step.clients.s3, declaration.bucket, key, body, ""):
            return number
        # The call before has written it and died: what it wrote is true as well.


def _run(step: Step) -> str:
    """Return the name of the request's run: names sort in the order of the requests."""
    return f"{round(step.progress.received_at * 1000):013}-{step.request.request_id}"


def _parts(clients: Clients, declaration: Declaration) -> Iterator[Iterable[bytes]]:
    """Yield the lines of each part in order; some are read ahead."""
    s3_client, bucket = clients.s3, declaration.bucket
    keys = s3.keys_below(s3_client, bucket, declaration.keys.inventory)
    with ThreadPoolExecutor(READ_AHEAD) as pool:
        reads = (pool.submit(s3.read, s3_client, bucket, key) for key in keys)
        ahead = deque(islice(reads, READ_AHEAD))
        while ahead:
            body = ahead.popleft().result()
            ahead.extend(islice(reads, 1))
            yield (body or b"").splitlines()
