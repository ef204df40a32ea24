"""The local AWS put together: ministack, the IoT service in its place, the patches, the front."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack import app

from local.faults.strikes import Faults
from local.iot.billing_groups import BillingGroups
from local.iot.detachments import Detachments
from local.iot.registration_service import RegistrationService
from local.iot.registration_tasks import RegistrationTasks
from local.iot.registry import Registry
from local.iot.registry_history import RegistryHistory
from local.iot.routes import iot_handler, registry_handler
from local.iot.task_runner import TaskRunner
from local.journal import Journal
from local.ministack.permissions import Permissions
from local.ministack.registry_api import thing_exists
from local.ministack.scope import Scope, current_scope
from local.patches.all_patches import apply_patches
from local.patches.call_faults import guarded
from local.server.admin import Admin
from local.server.connections import allow_dropping
from local.server.gateway import Gateway
from local.server.options import Options


def assemble(options: Options, on_ready: Callable[[], None]) -> Any:
    """Return the ASGI application of a local AWS; `on_ready` is called once it is ready."""
    allow_dropping()
    faults, journal, tasks = Faults(), Journal(), RegistrationTasks()
    billing_groups = BillingGroups(thing_exists)

    detachments = Detachments(registry_handler(billing_groups), faults)
    history = RegistryHistory(detachments.handler(), faults)

    def registry_for(scope: Scope, permissions: Permissions) -> Registry:
        return Registry(scope, permissions, billing_groups, history)

    service = RegistrationService(
        tasks,
        TaskRunner(registry_for, faults, options.things_per_second),
        registry_for,
        faults,
        journal,
    )
    registry = guarded("iot", history.handler(), faults, journal)
    app.SERVICE_HANDLERS["iot"] = iot_handler(service, registry)
    custom_resources = apply_patches(billing_groups, faults, journal)
    return Gateway(
        app.app,
        Admin(faults, journal, tasks, current_scope()),
        custom_resources.put_answer,
        on_ready,
    )
