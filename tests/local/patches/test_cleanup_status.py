"""The Delete of a replaced resource."""

from __future__ import annotations

import pytest

from local import LocalAws
from tests.local.stacks import create, custom, notes, update

pytestmark = pytest.mark.slow


def test_a_new_physical_id_deletes_the_old_while_cleaning_up(
    aws: LocalAws, token: str, stack: str
) -> None:
    create(aws, stack, custom(token))

    update(aws, stack, custom(token, Update=[{"Status": "SUCCESS", "PhysicalResourceId": "other"}]))

    *_, deleted = notes(aws)
    assert (deleted["RequestType"], deleted["PhysicalResourceId"], deleted["StackStatus"]) == (
        "Delete",
        "made",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    )
