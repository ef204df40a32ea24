"""The local AWS put together: ministack, the IoT service in its place, the patches, the front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ministack import app

from local.faults.document import FaultDocument
from local.faults.strikes import Faults
from local.iot.billing_groups import BillingGroups
from local.iot.detachments import Detachments
from local.iot.dynamic_groups import DynamicThingGroups
from local.iot.quotas import Quotas
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


@dataclass(frozen=True)
class Assembly:
    """A local AWS.

    Attributes:
        gateway: the ASGI application.
        admin: its administration.
        tasks: the registration tasks of all accounts.
        clear: forgets all that the account has, and all faults.
    """

    gateway: Gateway
    admin: Admin
    tasks: RegistrationTasks
    clear: Callable[[], None]


def assemble(options: Options, on_ready: Callable[[], None]) -> Assembly:
    """Put a local AWS together, once for a process; `on_ready` is called once it is ready."""
    allow_dropping()
    faults, journal, tasks = Faults(), Journal(), RegistrationTasks()
    billing_groups = BillingGroups(thing_exists)

    dynamic_groups = DynamicThingGroups()
    registry_calls = dynamic_groups.handler(registry_handler(billing_groups))
    detachments = Detachments(registry_calls, faults)
    history = RegistryHistory(detachments.handler(), faults)

    def registry_for(scope: Scope, permissions: Permissions) -> Registry:
        return Registry(scope, permissions, billing_groups, dynamic_groups, history)

    service = RegistrationService(
        tasks,
        TaskRunner(registry_for, faults, options.things_per_second),
        registry_for,
        faults,
        journal,
    )
    quotas = Quotas(faults, journal)
    registry = quotas.handler(guarded("iot", history.handler(), faults, journal))
    app.SERVICE_HANDLERS["iot"] = iot_handler(service, registry)
    custom_resources = apply_patches(billing_groups, faults, journal)
    admin = Admin(faults, journal, tasks, current_scope())

    def clear() -> None:
        app._reset_all_state()
        faults.put(FaultDocument())
        parts = (
            *(tasks, billing_groups, dynamic_groups, detachments, history, service),
            *(quotas, custom_resources),
        )
        for part in parts:
            part.clear()
        journal.clear()

    return Assembly(
        Gateway(app.app, admin, custom_resources.put_answer, on_ready), admin, tasks, clear
    )
