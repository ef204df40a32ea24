"""All mends, put in place."""

from __future__ import annotations

from local.faults import Faults
from local.iot.billing_groups import BillingGroups
from local.journal import Journal
from local.mends import (
    billing_group_rights,
    billing_group_type,
    buckets,
    call_faults,
    certificate_signing,
    executions,
    failed_create,
    lambda_errors,
    lambda_faults,
    long_lists,
    secure_transport,
    state_limits,
)
from local.mends.custom_resources import CustomResources


def apply_mends(billing_groups: BillingGroups, faults: Faults, journal: Journal) -> CustomResources:
    """Put all mends in place, once for a process; the custom-resource requests under way."""
    secure_transport.mend()
    certificate_signing.mend()
    long_lists.mend()
    billing_group_type.mend(billing_groups)
    billing_group_rights.mend()
    buckets.mend()
    executions.mend()
    state_limits.mend()
    lambda_errors.mend()
    custom_resources = CustomResources(faults, journal)
    custom_resources.mend()
    failed_create.mend(custom_resources)
    lambda_faults.install(faults, journal)
    call_faults.install(faults, journal)
    return custom_resources
