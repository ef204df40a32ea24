"""What the plan shares with the worker: one piece of code decides what is new and what has changed.

The Lambda's folder is `thing_registration._lambda` where the library is installed. Type checkers
find it as what it is for the Lambda: a source root.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws import named_resources, registry
    from fleet.comparison import (
        Comparison,
        DuplicateDevice,
        Verdict,
        check_unique,
        with_known_key,
    )
    from fleet.inventory import Index
    from fleet.inventory_entry import Entry, InvalidEntry, State
    from fleet.prerequisite_names import NameCollector, PrerequisiteNames
    from fleet.public_keys import UnreadableCertificate, key_of_certificate
    from fleet.resolved_device import CertificateKind, ResolvedDevice, Resolver, UnresolvedDevice
    from fleet.run_size import most_retired, part_count, run_seconds
    from fleet.template_resources import properties_of, referred_parameter
else:
    from thing_registration._lambda.aws import named_resources, registry
    from thing_registration._lambda.fleet.comparison import (
        Comparison,
        DuplicateDevice,
        Verdict,
        check_unique,
        with_known_key,
    )
    from thing_registration._lambda.fleet.inventory import Index
    from thing_registration._lambda.fleet.inventory_entry import Entry, InvalidEntry, State
    from thing_registration._lambda.fleet.prerequisite_names import NameCollector, PrerequisiteNames
    from thing_registration._lambda.fleet.public_keys import (
        UnreadableCertificate,
        key_of_certificate,
    )
    from thing_registration._lambda.fleet.resolved_device import (
        CertificateKind,
        ResolvedDevice,
        Resolver,
        UnresolvedDevice,
    )
    from thing_registration._lambda.fleet.run_size import most_retired, part_count, run_seconds
    from thing_registration._lambda.fleet.template_resources import (
        properties_of,
        referred_parameter,
    )

__all__ = [
    "CertificateKind",
    "Comparison",
    "DuplicateDevice",
    "Entry",
    "Index",
    "InvalidEntry",
    "NameCollector",
    "PrerequisiteNames",
    "ResolvedDevice",
    "Resolver",
    "State",
    "UnreadableCertificate",
    "UnresolvedDevice",
    "Verdict",
    "check_unique",
    "key_of_certificate",
    "most_retired",
    "named_resources",
    "part_count",
    "properties_of",
    "referred_parameter",
    "registry",
    "run_seconds",
    "with_known_key",
]
