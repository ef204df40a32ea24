"""The parts put together: ministack, the IoT service in its place, the mends, the front."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack import app
from ministack.services import iot as ministack_iot

from local.admin import Admin
from local.emulator.registry import Registry
from local.emulator.rights import Rights
from local.emulator.scope import Scope, current_scope
from local.faults import Faults
from local.gateway import Gateway
from local.iot.billing_groups import BillingGroups
from local.iot.handler import iot_handler, registry_handler
from local.iot.service import RegistrationService
from local.iot.tasks import Tasks
from local.iot.worker import Worker
from local.journal import Journal
from local.mends.apply import apply_mends
from local.mends.call_faults import guarded
from local.options import Options


def assemble(options: Options, on_ready: Callable[[], None]) -> Any:
    """The ASGI application of a local AWS; `on_ready` is called once it can be used."""
    faults, journal, tasks = Faults(), Journal(), Tasks()
    billing_groups = BillingGroups(lambda thing: thing in ministack_iot._things)

    def registry_for(scope: Scope, rights: Rights) -> Registry:
        return Registry(scope, rights, billing_groups)

    service = RegistrationService(
        tasks,
        Worker(registry_for, faults, options.things_per_second),
        registry_for,
        faults,
        journal,
    )
    registry = guarded("iot", registry_handler(billing_groups), faults, journal)
    app.SERVICE_HANDLERS["iot"] = iot_handler(service, registry)
    custom_resources = apply_mends(billing_groups, faults, journal)
    return Gateway(
        app.app,
        Admin(faults, journal, tasks, current_scope()),
        custom_resources.put_answer,
        on_ready,
    )
