"""The list of all patches."""

from __future__ import annotations

from local.faults.strikes import Faults
from local.iot.billing_groups import BillingGroups
from local.journal import Journal
from local.patches import (
    billing_group_permissions,
    billing_group_type,
    call_faults,
    cancelled_update,
    certificate_pages,
    certificate_signing,
    choice_paths,
    cleanup_status,
    creation_order,
    delete_while_creating,
    encrypted_objects,
    ended_executions,
    exclusive_principals,
    execution_input,
    execution_list,
    execution_names,
    execution_timeout,
    failed_create,
    failed_updates,
    history_limit,
    invalid_definitions,
    lambda_errors,
    lambda_faults,
    lambda_refusals,
    membership_lists,
    missing_buckets,
    non_empty_buckets,
    physical_names,
    retries,
    secure_transport,
    state_size,
    terminal_errors,
    unscoped_permissions,
    wait_seconds,
    weak_signatures,
)
from local.patches.custom_resources import CustomResources


def apply_patches(
    billing_groups: BillingGroups, faults: Faults, journal: Journal
) -> CustomResources:
    """Apply all patches, once per process, and return the custom-resource requests."""
    secure_transport.apply()
    certificate_pages.apply()
    certificate_signing.apply()
    weak_signatures.apply()
    membership_lists.apply()
    billing_group_type.apply(billing_groups)
    billing_group_permissions.apply()
    unscoped_permissions.apply()
    non_empty_buckets.apply()
    missing_buckets.apply()
    encrypted_objects.apply()
    execution_timeout.apply()
    execution_names.apply()
    ended_executions.apply()
    state_size.apply()
    history_limit.apply()
    wait_seconds.apply()
    choice_paths.apply()
    terminal_errors.apply()
    exclusive_principals.apply()
    execution_input.apply()
    invalid_definitions.apply()
    lambda_errors.apply()
    retries.apply()
    execution_list.apply(faults)
    custom_resources = CustomResources(faults, journal)
    custom_resources.apply()
    cleanup_status.apply()
    failed_create.apply(custom_resources)
    cancelled_update.apply(custom_resources)
    delete_while_creating.apply(custom_resources)
    failed_updates.apply()
    creation_order.apply(faults)
    physical_names.apply()
    lambda_faults.apply(faults, journal)
    lambda_refusals.apply(faults, journal)
    call_faults.apply(faults, journal)
    return custom_resources
