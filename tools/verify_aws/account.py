"""Whether questions may be asked in an account at all."""

from __future__ import annotations

import re

from botocore.exceptions import BotoCoreError, ClientError

from tools.verify_aws.clients import Clients


class Refused(Exception):
    """Nothing was made, because the account is not the right one or is busy."""


def check_account(clients: Clients, account: str) -> None:
    """Check that the credentials are the account's, and that no registration task runs.

    Raises:
        Refused: they are another's, a task runs, or neither can be told.
    """
    if not re.fullmatch(r"\d{12}", account):
        raise Refused(
            "ACCOUNT must be the 12 digits of the account in which things are made and removed "
            f"again, got {account!r}: make verify-aws ACCOUNT=123456789012"
        )
    if clients.region is None:
        raise Refused("AWS_REGION must be set")
    try:
        found = clients.get("sts").get_caller_identity()["Account"]
        if found != account:
            raise Refused(f"the credentials are those of account {found}, not of {account}")
        tasks = clients.iot.get_paginator("list_thing_registration_tasks")
        running = [
            task_id
            for status in ("InProgress", "Cancelling")
            for page in tasks.paginate(status=status)
            for task_id in page["taskIds"]
        ]
    except (BotoCoreError, ClientError) as error:
        raise Refused(f"the account cannot be looked at: {error}") from error
    if running:
        raise Refused(
            f"registration task {running[0]} runs in the account, which has one slot: "
            "try again when it has ended"
        )
