"""What a template and a line of the input file make: a device, and what it is compared by."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from thing_registration_worker.fleet.input_text import has_private_key, shown
from thing_registration_worker.fleet.name_limits import OF_KIND, THING_NAME, NameLimit
from thing_registration_worker.fleet.prerequisite_names import names_of_lines
from thing_registration_worker.fleet.public_keys import (
    certificate_id,
    key_of_certificate,
    key_of_csr,
)
from thing_registration_worker.fleet.shown_values import shown_properties
from thing_registration_worker.fleet.template import CertificateKind, Template
from thing_registration_worker.fleet.template_resources import (
    CERTIFICATE_SOURCES,
    referred_parameter,
)

# Stands before each hash: a hash that was made in another way is not evidence of a change.
_HASH_VERSION = bytes((1,))
_HASH_BYTES = 16
# Of the service model's CertificateId, (0x)?[a-fA-F0-9]+, only the form in which AWS writes it.
_CERTIFICATE_ID = re.compile("[0-9a-f]{64}")


class UnresolvedDevice(ValueError):
    """A line does not give what the template needs; the message says what is missing or wrong."""


@dataclass(frozen=True, slots=True)
class ResolvedDevice:
    """A device as one line declares it.

    Attributes:
        thing_name: its name.
        resources: the version of the algorithm in one byte, and 16 bytes: a hash of everything
            that AWS will set. A certificate that the line gives in PEM is part of it; a CSR or an
            id is not.
        certificate: where the certificate comes from.
        key: the SHA-256 of the public key; empty where only an id or no certificate is declared.
        certificate_id: the id of the certificate that the line gives; empty for a CSR and for
            none. That of a PEM is computed: AWS may not have it, or under another id.
        names: what the line refers to, in the order of `prerequisite_names.names_of_lines`.
    """

    thing_name: str
    resources: bytes
    certificate: CertificateKind
    key: str
    certificate_id: str
    names: tuple[str, ...] = ()


class Resolver:
    """A template that is prepared for many lines.

    Args:
        template: the template.
    """

    def __init__(
        self,
        template: Template,
    ) -> None:
        # Numbers are kept as they are written: 1 and 1.0 may be two texts to AWS.
        self._decoder = json.JSONDecoder(
            parse_float=_Number, parse_int=_Number, parse_constant=_refused
        )
        self._defaults = {
            name: parameter["Default"]
            for name, parameter in self._decoder.decode(template.body).get("Parameters", {}).items()
            if "Default" in parameter
        }
        resources, certificate = template.resources, template.certificate_properties
        self.template = template
        self._thing_name = template.thing_name
        self._csr = certificate.get("CertificateSigningRequest")
        self._pem = certificate.get("CertificatePem")
        self._id = certificate.get("CertificateId", certificate.get("CertificateID"))
        self._shown = shown_properties(resources)
        self._names = [(parameter, OF_KIND[kind]) for kind, parameter in names_of_lines(resources)]
        pieces = list(_pieces(_without_sources(resources)))
        self._format = "".join(text for text, _ in pieces)
        self._holes = [parameter for _, parameter in pieces if parameter is not None]

    @property
    def certificate(self) -> CertificateKind:
        """Where the certificate of every device comes from."""
        return self.template.certificate

    def resolve(self, line: bytes) -> ResolvedDevice:
        """Return the device of a line that is not blank.

        Raises:
            UnresolvedDevice: the line is not a JSON object in UTF-8, it has a private key, a value
                is missing, or AWS does not allow the name of the thing, or of what it refers to.
            UnreadableCertificate: its CSR or certificate cannot be read.
        """
        given = self._values(line)
        if has_private_key(line, given):
            raise UnresolvedDevice("has a private key: remove it, the device alone may have it")
        values = {**self._defaults, **given}
        try:
            text = self._format % tuple([_written(values[name]) for name in self._holes])
            name = _resolved(self._thing_name, values)
            kind, key, existing = self._certificate(values)
        except KeyError as error:
            raise UnresolvedDevice(
                f"{error.args[0]}: a parameter without a Default must have a value, got none"
            ) from None
        _check(referred_parameter(self._thing_name) or "ThingName", THING_NAME, name)
        hashed = text + existing if kind == "pem" else text
        digest = hashlib.sha256(hashed.encode()).digest()[:_HASH_BYTES]
        names = self._names_of(values) if self._names else ()
        return ResolvedDevice(name, _HASH_VERSION + digest, kind, key, existing, names)

    def thing_name(self, line: bytes) -> str:
        """Return the thing name of a line, whatever else of it is wrong; empty if not known."""
        try:
            return _resolved(self._thing_name, {**self._defaults, **self._values(line)})
        except (UnresolvedDevice, KeyError):
            return ""

    def shown_values(self, line: bytes) -> dict[str, str]:
        """Return what the registry is to show of a line's thing; the line can be resolved.

        A number or a boolean is left out: as which text AWS shows it is not documented.
        """
        values = {**self._defaults, **self._values(line)}
        resolved = {name: _value(value, values) for name, value in self._shown.items()}
        return {name: value for name, value in resolved.items() if type(value) is str}

    def _values(self, line: bytes) -> dict[str, Any]:
        try:
            text = line.decode().strip()
            values, end = self._decoder.raw_decode(text)
        except (ValueError, RecursionError) as error:
            raise UnresolvedDevice(f"must be a JSON object in UTF-8, got {error}") from None
        if type(values) is not dict or end != len(text):
            raise UnresolvedDevice(f"must be one JSON object, got {shown(text)}")
        return values

    def _names_of(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what a line refers to. An empty name refers to nothing."""
        names = tuple([_text(values[parameter]) for parameter, _ in self._names])
        for (parameter, limit), name in zip(self._names, names, strict=True):
            if name:
                _check(parameter, limit, name)
        return names

    def _certificate(self, values: Mapping[str, Any]) -> tuple[CertificateKind, str, str]:
        """Return the kind of the certificate's source, its key and its id."""
        if self._csr is not None:
            return "csr", key_of_csr(_resolved(self._csr, values)), ""
        if self._pem is not None:
            pem = _resolved(self._pem, values)
            return "pem", key_of_certificate(pem), certificate_id(pem)
        if self._id is not None:
            existing = _resolved(self._id, values)
            if not _CERTIFICATE_ID.fullmatch(existing):
                raise UnresolvedDevice(
                    f"CertificateId: must be 64 hexadecimal digits, got {shown(existing)}"
                )
            return "id", "", existing
        return "none", "", ""


@lru_cache(maxsize=4)
def resolver(template: Template) -> Resolver:
    """Return the resolver of a template."""
    return Resolver(template)


def _check(parameter: str, limit: NameLimit, name: str) -> None:
    problem = limit.problem(name)
    if problem:
        raise UnresolvedDevice(f"{parameter}: {problem}")


class _Number(str):
    """A number of a line, as it is written there."""

    __slots__ = ()


def _refused(constant: str) -> object:
    raise ValueError(f"{constant}, which JSON does not have")


def _without_sources(resources: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resources without what says where the certificate comes from."""
    compared = {}
    for logical_id, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource.get("Type") == "AWS::IoT::Certificate":
            kept = [name for name in properties if name not in CERTIFICATE_SOURCES]
            properties = {name: properties[name] for name in kept}
        compared[logical_id] = {**resource, "Properties": properties}
    return compared


def _pieces(value: Any) -> Iterator[tuple[str, str | None]]:
    """Yield a value as canonical JSON for the operator %, and the parameter that each %s is for."""
    parameter = referred_parameter(value)
    if parameter is not None:
        yield "%s", parameter
    elif isinstance(value, dict):
        for number, name in enumerate(sorted(value)):
            yield ("," if number else "{") + _constant(name) + ":", None
            yield from _pieces(value[name])
        yield "}" if value else "{}", None
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield "," if number else "[", None
            yield from _pieces(member)
        yield "]" if value else "[]", None
    else:
        yield _constant(value), None


def _constant(value: Any) -> str:
    return json.dumps(value).replace("%", "%%")


def _written(value: Any) -> str:
    """Return a value of a line as JSON."""
    return quoted(value) if type(value) is str else _text(value)


def _resolved(value: Any, values: Mapping[str, Any]) -> str:
    """Return a property of the template as text; a `Ref` becomes the line's value.

    Raises:
        KeyError: the parameter has no value.
    """
    return _text(_value(value, values))


def _value(value: Any, values: Mapping[str, Any]) -> Any:
    parameter = referred_parameter(value)
    return value if parameter is None else values[parameter]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    raise UnresolvedDevice(f"a value must be a string, got {shown(value)}")
