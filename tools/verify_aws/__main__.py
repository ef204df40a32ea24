"""`python -m tools.verify_aws ACCOUNT`: the command line of `make verify-aws`.

Exit status: 0 with all answers; 1 if some are missing or something could not be removed; 2 if
nothing was asked; 128 and the signal's number after an interrupt.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tools.cdk import ROOT
from tools.verify_aws.account import Refused, check_account
from tools.verify_aws.answers import document, table
from tools.verify_aws.asking import ask_all
from tools.verify_aws.clients import Clients
from tools.verify_aws.interrupts import Interrupted, interruptible
from tools.verify_aws.questions import GROUPS
from tools.verify_aws.waiting import Patience
from tools.verify_aws.workspace import Workspace

CONTRIBUTED = ROOT / "docs" / "aws-answers.json"
COST = """This makes in account {account}, Region {region}, and removes at the end:
  one bucket, five IAM roles, one IoT policy, two billing groups, some 150 things and 5
  certificates, and a stack, all named {prefix}…;
  some 15 registration tasks, one after the other, in the account's only slot.
What the CDK command line uploads stays in the bucket of `cdk bootstrap`.
It costs less than 10 US cents: AWS bills registered things at some 10 cents per 1,000. It takes
about five minutes, and up to {minutes:.0f} more to see how long a link lives. Ctrl-C removes
everything as well."""


def main(arguments: Sequence[str]) -> int:
    """Ask all questions and return the exit status."""
    options = _options(arguments)
    clients = Clients()
    try:
        check_account(clients, options.account)
    except Refused as refused:
        print(f"verify-aws: {refused}", file=sys.stderr)
        return 2
    patience = Patience(link_life=60 * options.link_minutes)
    workspace = Workspace(clients, options.account, patience)
    region = str(clients.region)
    _say(
        COST.format(
            account=options.account,
            region=region,
            prefix=workspace.prefix,
            minutes=options.link_minutes,
        )
    )
    try:
        with interruptible(_say) as interrupts:
            answers, left = ask_all(workspace, GROUPS, _say, interrupts.hold)
    except Interrupted as interrupted:
        print(f"verify-aws: {interrupted}; nothing was written", file=sys.stderr)
        return 128 + interrupted.number
    except (BotoCoreError, ClientError) as error:
        print(f"verify-aws: {error}", file=sys.stderr)
        return 1
    print(f"\n{table(answers)}")
    output = options.output or (None if os.environ.get("AWS_ENDPOINT_URL") else CONTRIBUTED)
    if output is not None:
        output.write_text(document(answers, options.account, region), encoding="utf-8")
        print(f"\nwritten to {output}")
    return 1 if left or any(answer.said is None for answer in answers) else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.verify_aws", description=__doc__)
    parser.add_argument("account", nargs="?", default="", help="the account's 12 digits")
    parser.add_argument(
        "--output",
        type=Path,
        help="where to write the answers as JSON; by default docs/aws-answers.json, and nothing "
        "where AWS_ENDPOINT_URL is set",
    )
    parser.add_argument(
        "--link-minutes",
        type=float,
        default=10,
        help="how long the links to reports are watched at most (%(default)s)",
    )
    return parser.parse_args(arguments)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
