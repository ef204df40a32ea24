"""A provisioning template written in Python: a thing, a certificate, policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

from thing_registration.argument_types import check_fields
from thing_registration.checks.template.grammar import CERTIFICATE, POLICY, THING
from thing_registration.choices import CertificateStatus, OverrideSetting, ThingPrincipalType

if TYPE_CHECKING:
    from aws_cdk import CfnResource
    from aws_cdk import aws_iot as iot
    from constructs import IDependable


@dataclass(frozen=True)
class Ref:
    """The value of a parameter, from each line of the input file.

    Args:
        parameter: Name of the parameter, a key of the input file's lines.
        default: Value for the lines that have none.
    """

    parameter: str
    default: str | None = None

    def __post_init__(self) -> None:
        check_fields(self)


TextOrRef: TypeAlias = str | Ref


@dataclass(frozen=True)
class Thing:
    """The thing that a line becomes.

    https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html#thing-resources

    Args:
        thing_name: 1 to 128 characters of `[a-zA-Z0-9:_-]`.
        attributes: At most 3 without a thing type, 50 with one; values of at most 800
            characters, no spaces.
        thing_type: A thing type of this stack, which is then created first, or a name.
        thing_groups: At most 10, groups of this stack or names.
        billing_group: A billing group of this stack or a name.
        override_settings: What happens to a thing that exists, for each of `AttributePayload`,
            `ThingGroups` and `ThingTypeName`; `MERGE` is for the first two only.
    """

    thing_name: TextOrRef
    attributes: Mapping[str, TextOrRef] = field(default_factory=dict)
    thing_type: iot.CfnThingType | TextOrRef | None = None
    thing_groups: Sequence[iot.CfnThingGroup | TextOrRef] = ()
    billing_group: iot.CfnBillingGroup | TextOrRef | None = None
    override_settings: Mapping[str, OverrideSetting | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self)

    def resource(self) -> dict[str, object]:
        """Return the template's resource, Refs and constructs still in it."""
        properties = {
            "ThingName": self.thing_name,
            "AttributePayload": dict(self.attributes),
            "ThingTypeName": self.thing_type,
            "ThingGroups": list(self.thing_groups),
            "BillingGroup": self.billing_group,
        }
        return _resource(THING, properties, self.override_settings)


@dataclass(frozen=True)
class Certificate:
    """The certificate that is attached to the thing; specify it in exactly one way.

    https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html#certificate-resources

    Args:
        certificate_signing_request: PEM of a CSR, at most 4,096 characters; AWS makes a new
            certificate of it each time.
        certificate_id: Id of a certificate of the account, 64 hexadecimal digits.
        certificate_pem: PEM of a certificate that a registered CA has signed, at most 65,536
            characters.
        ca_certificate_pem: PEM of that CA, needed where several have the same subject.
        status: The status of the certificate after the registration.
        thing_principal_type: Whether other things may use the certificate.
        override_settings: What happens to the `Status` of a certificate that exists; not `MERGE`.
    """

    certificate_signing_request: TextOrRef | None = None
    certificate_id: TextOrRef | None = None
    certificate_pem: TextOrRef | None = None
    ca_certificate_pem: TextOrRef | None = None
    status: CertificateStatus | TextOrRef | None = None
    thing_principal_type: ThingPrincipalType | TextOrRef | None = None
    override_settings: Mapping[str, OverrideSetting | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self)

    def resource(self) -> dict[str, object]:
        """Return the template's resource, Refs still in it."""
        properties = {
            "CertificateSigningRequest": self.certificate_signing_request,
            "CertificateId": self.certificate_id,
            "CertificatePem": self.certificate_pem,
            "CACertificatePem": self.ca_certificate_pem,
            "Status": self.status,
            "ThingPrincipalType": self.thing_principal_type,
        }
        return _resource(CERTIFICATE, properties, self.override_settings)


@dataclass(frozen=True)
class Policy:
    """A policy that is attached to the certificate: one that exists, or one by its document.

    https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html#policy-resources

    Args:
        policy: A policy of this stack, which is then created first, or a name.
        policy_document: At most 2,048 characters, not counting white space; it may contain tokens.
    """

    policy: iot.CfnPolicy | TextOrRef | None = None
    policy_document: Mapping[str, object] | str | None = None

    def __post_init__(self) -> None:
        check_fields(self)

    def resource(self) -> dict[str, object]:
        """Return the template's resource, Refs and constructs still in it."""
        properties = {"PolicyName": self.policy, "PolicyDocument": self.policy_document}
        return _resource(POLICY, properties, {})


TemplatePart: TypeAlias = Thing | Certificate | Policy


@dataclass(frozen=True)
class Assembled:
    """A template put together from parts, and the constructs that it names."""

    template: dict[str, object]
    dependencies: tuple[IDependable, ...]


def assemble(parts: Sequence[TemplatePart]) -> Assembled:
    """Return a template made of parts; its parameters are those that the parts refer to.

    Raises:
        ValueError: two Refs to one parameter have different defaults.
    """
    parameters: dict[str, dict[str, str]] = {}
    dependencies: list[IDependable] = []

    def plain(value: object) -> object:
        if isinstance(value, Ref):
            declared = {"Type": "String"}
            if value.default is not None:
                declared["Default"] = value.default
            before = parameters.setdefault(value.parameter, declared)
            if value.default is not None and before.setdefault("Default", value.default) != (
                value.default
            ):
                raise ValueError(
                    f"default of parameter {value.parameter} must be the same in every Ref, "
                    f"got {before['Default']!r} and {value.default!r}"
                )
            return {"Ref": value.parameter}
        if isinstance(value, Mapping):
            return {key: plain(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [plain(one) for one in value]
        if value is None or isinstance(value, str | int | float):
            return value
        construct = cast("CfnResource", value)
        dependencies.append(construct)
        return construct.ref  # the name, of every one of the four constructs

    resources = {name: plain(part.resource()) for name, part in _named(parts)}
    template: dict[str, object] = {"Parameters": parameters, "Resources": resources}
    return Assembled(template, tuple(dependencies))


def _named(parts: Sequence[TemplatePart]) -> Iterator[tuple[str, TemplatePart]]:
    """Return each part with a logical name: AWS's reports call the registered resources by it."""
    for index, part in enumerate(parts):
        word = type(part).__name__.lower()
        before = sum(isinstance(other, type(part)) for other in parts[:index])
        yield (f"{word}{before + 1}" if before else word), part


def _resource(
    kind: str,
    properties: Mapping[str, object],
    override_settings: Mapping[str, OverrideSetting | str],
) -> dict[str, object]:
    given = {name: value for name, value in properties.items() if value not in (None, [], {})}
    resource: dict[str, object] = {"Type": kind, "Properties": given}
    if override_settings:
        resource["OverrideSettings"] = dict(override_settings)
    return resource
