"""Walks over a provisioning template, and returns what it asks of a line and what is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass

from thing_registration.checks.findings import Problem
from thing_registration.checks.parameter_uses import ParameterUses
from thing_registration.checks.policy_elements import policy_document_faults
from thing_registration.checks.quoting import choice, field_name, shown
from thing_registration.checks.references import is_reference, references_in
from thing_registration.checks.rules import policies, resources, template
from thing_registration.checks.rules.values import PRIVATE_KEY, as_text, type_faults
from thing_registration.checks.secrets import has_private_key
from thing_registration.checks.template import grammar
from thing_registration.checks.template.derived_templates import longest_derived
from thing_registration.checks.template.grammar import CERTIFICATE, POLICY, THING
from thing_registration.checks.template.notes import TemplateNotes
from thing_registration.checks.template.parse import parse_template
from thing_registration.checks.value_kinds import Kind
from thing_registration.known_values import TOKEN_MARK


@dataclass(frozen=True)
class TemplateReading:
    """A template as AWS gets it, what it asks of each line, and what is wrong with it.

    Args:
        body: Minified JSON; None if the text is not a JSON object.
        uses: None if the text is not a JSON object.
        problems: In the order of the template.
        rewrites: What the body has in another form than the text, one sentence each.
    """

    body: str | None
    uses: ParameterUses | None
    problems: tuple[Problem, ...]
    rewrites: tuple[str, ...] = ()


def read_template(text: str, source: str) -> TemplateReading:
    """Read a template from its JSON text."""
    parsed, problems = parse_template(text, source)
    if parsed is None:
        if has_private_key(text):
            problems.append(PRIVATE_KEY.fault(got="").at(source))
        return TemplateReading(None, None, tuple(problems))
    walk = _Walk(source, problems)
    walk.secrets(parsed)
    walk.template(parsed)
    body = json.dumps(parsed, separators=(",", ":"), ensure_ascii=False)
    if TOKEN_MARK not in body:
        too_long = template.TEMPLATE_LENGTH.faults(body)
        derived = template.DERIVED_TEMPLATE_LENGTH.faults(longest_derived(parsed))
        walk.add(None, *(too_long or derived))
    uses = ParameterUses(walk.defaults, tuple(walk.value_uses))
    return TemplateReading(body, uses, tuple(walk.problems), tuple(walk.rewrites))


class _Walk(TemplateNotes):
    """One pass over a template."""

    def secrets(self, value: object, path: str = "") -> None:
        """Look for private keys, whether what has them is used or not."""
        if isinstance(value, dict):
            for key, member in value.items():
                self.secrets(key, path)
                self.secrets(member, f"{path}.{field_name(key)}" if path else field_name(key))
        elif isinstance(value, list):
            for index, member in enumerate(value):
                self.secrets(member, f"{path}[{index}]")
        elif isinstance(value, str) and has_private_key(value):
            self.add(path or None, PRIVATE_KEY.fault(got=""))
            self.secret_paths.add(path)

    def template(self, parsed: dict[str, object]) -> None:
        for section in grammar.FLEET_SECTIONS:
            if section in parsed:
                allowed = ", ".join(grammar.SECTIONS)
                fault = template.FLEET_TEMPLATE_ONLY.fault(got=shown(section), allowed=allowed)
                self.add(section, fault)
        known = grammar.SECTIONS + grammar.FLEET_SECTIONS
        self.names(None, parsed, known, "a template", grammar.SECTIONS)
        self.resources = self.mapping("Resources", parsed.get("Resources"))
        for name, declaration in self.mapping("Parameters", parsed.get("Parameters", {})).items():
            self.parameter(name, declaration)
        for name, resource in self.resources.items():
            self.resource(f"Resources.{field_name(name)}", resource)
        self.counts()
        self.csr_thing_names()
        self.unused()

    def parameter(self, name: str, declaration: object) -> None:
        path = f"Parameters.{field_name(name)}"
        self.add(path, *template.PARAMETER_RESERVED.faults(name))
        self.defaults[name] = None
        declared = self.mapping(path, declaration)
        if not isinstance(declaration, dict):
            return
        self.names(path, declared, grammar.PARAMETER_ATTRIBUTES, "a parameter")
        self.add(f"{path}.Type", *template.PARAMETER_TYPE.faults(declared))
        if "Default" in declared:
            default = declared["Default"]
            self.add(f"{path}.Default", *type_faults(default))
            if isinstance(default, str | int | float):
                self.defaults[name] = as_text(default)

    def resource(self, path: str, resource: object) -> None:
        attributes = self.mapping(path, resource)
        if not isinstance(resource, dict):
            return
        self.names(path, attributes, grammar.RESOURCE_ATTRIBUTES, "a resource")
        kind = attributes.get("Type")
        if not isinstance(kind, str) or kind not in grammar.TEXT_PROPERTIES:
            got = shown(kind) if "Type" in attributes else "missing"
            self.add(f"{path}.Type", resources.RESOURCE_TYPE.fault(got=got))
            return
        # A resource without Properties is an empty one, and the rules below find what it lacks.
        properties = self.mapping(f"{path}.Properties", attributes.get("Properties", {}))
        self.properties(f"{path}.Properties", kind, properties)
        if "OverrideSettings" in attributes:
            self.overrides(f"{path}.OverrideSettings", kind, attributes["OverrideSettings"])

    def properties(self, path: str, kind: str, properties: dict[str, object]) -> None:
        texts = grammar.TEXT_PROPERTIES[kind]
        known = (*texts, *grammar.OTHER_PROPERTIES[kind])
        self.names(path, properties, known, f"a resource of type {kind}")
        for name, value in properties.items():
            if name in texts:
                self.value(f"{path}.{name}", texts[name], value)
        if kind == THING:
            self.thing(path, properties)
        elif kind == CERTIFICATE:
            methods = [name for name in grammar.CERTIFICATE_METHODS if name in properties]
            self.add(path, *resources.CERTIFICATE_METHOD.faults(methods))
        else:
            methods = [name for name in grammar.POLICY_METHODS if name in properties]
            self.add(path, *policies.POLICY_NAME_OR_DOCUMENT.faults(methods))
            if "PolicyDocument" in properties:
                self.policy_document(f"{path}.PolicyDocument", properties)

    def thing(self, path: str, properties: dict[str, object]) -> None:
        self.add(path, *resources.THING_NAME_GIVEN.faults(properties))
        groups = properties.get("ThingGroups", [])
        where = f"{path}.ThingGroups"
        if is_reference(groups):
            self.wrong_shape(where, groups, f"a list such as [{shown(groups)}]")
        elif not isinstance(groups, list):
            self.add(where, template.TEMPLATE_SHAPE.fault(got=shown(groups), allowed="a list"))
        else:
            self.add(where, *resources.THING_GROUP_COUNT.faults(groups))
            for index, group in enumerate(groups):
                self.value(f"{where}[{index}]", Kind.THING_GROUP, group)
        self.attributes(path, properties)

    def attributes(self, path: str, properties: dict[str, object]) -> None:
        where = f"{path}.AttributePayload"
        payload = properties.get("AttributePayload", {})
        if is_reference(payload):
            self.wrong_shape(where, payload, f'an object such as {{"name": {shown(payload)}}}')
            return
        attributes = self.mapping(where, payload)
        typed = "ThingTypeName" in properties
        count = resources.ATTRIBUTE_QUOTA if typed else resources.ATTRIBUTE_COUNT
        self.add(where, *count.faults(attributes))
        for name, value in attributes.items():
            if TOKEN_MARK not in name:
                self.add(where, *resources.ATTRIBUTE_NAME_PATTERN.faults(name))
            place = f"{where}.{field_name(name)}"
            if isinstance(value, dict) and not is_reference(value):
                allowed = "a string: attributes are a flat map, so move the pairs up"
                self.add(place, template.TEMPLATE_SHAPE.fault(got=shown(value), allowed=allowed))
            else:
                self.value(place, Kind.ATTRIBUTE, value)

    def wrong_shape(self, path: str, value: dict[str, object], allowed: str) -> None:
        """Report a reference in the place of a list or an object; its parameters are used."""
        self.add(path, template.TEMPLATE_SHAPE.fault(got=shown(value), allowed=allowed))
        for inner in references_in(value):
            if "Ref" in inner:
                self.reference(path, Kind.OTHER, inner)

    def policy_document(self, path: str, properties: dict[str, object]) -> None:
        document = properties["PolicyDocument"]
        if is_reference(document):
            self.value(path, Kind.POLICY_DOCUMENT, document)
            return
        self.add(path, *policy_document_faults(document))
        if isinstance(document, dict):
            properties["PolicyDocument"] = json.dumps(document, separators=(",", ":"))
            self.rewrites.append(
                f"{self.source}: {path}: the object is sent as a JSON string, "
                "which bulk registration needs"
            )

    def overrides(self, path: str, kind: str, settings: object) -> None:
        if kind == POLICY:
            self.add(path, policies.OVERRIDE_POLICY.fault(got=shown(settings)))
            return
        known = grammar.OVERRIDE_SETTINGS[kind]
        chosen = self.mapping(path, settings)
        self.names(path, chosen, tuple(known), f"a resource of type {kind}")
        for name, value in chosen.items():
            if name in known and value not in known[name]:
                allowed = choice(known[name])
                fault = resources.OVERRIDE_VALUE.fault(got=shown(value), allowed=allowed)
                self.add(f"{path}.{name}", fault)

    def counts(self) -> None:
        types = [one.get("Type") for one in self.resources.values() if isinstance(one, dict)]
        for kind, least, allowed in ((THING, 1, "exactly 1"), (CERTIFICATE, 0, "at most 1")):
            number = types.count(kind)
            if not least <= number <= 1:
                got = f"{number} resources of type {kind}"
                self.add("Resources", resources.RESOURCE_COUNT.fault(got=got, allowed=allowed))

    def csr_thing_names(self) -> None:
        of_types = {kind: self.properties_of(kind) for kind in (THING, CERTIFICATE)}
        requests = [
            one for one in of_types[CERTIFICATE].values() if "CertificateSigningRequest" in one
        ]
        if not requests:
            return
        rule = resources.CSR_THING_NAME
        if not of_types[THING]:
            self.add("Resources", rule.fault(got="without a thing"))
        for path, properties in of_types[THING].items():
            if "ThingName" not in properties:
                self.add(path, rule.fault(got="without a ThingName"))
            elif not self.is_parameter(properties["ThingName"]):
                got = shown(properties["ThingName"])
                self.add(f"{path}.ThingName", rule.fault(got=got))

    def properties_of(self, kind: str) -> dict[str, dict[str, object]]:
        """Return the properties of each resource of a type, by their path."""
        return {
            f"Resources.{field_name(name)}.Properties": properties
            for name, resource in self.resources.items()
            if isinstance(resource, dict) and resource.get("Type") == kind
            if isinstance(properties := resource.get("Properties", {}), dict)
        }

    def is_parameter(self, value: object) -> bool:
        """Return whether a value is a Ref to a parameter, declared or not.

        Another rule reports a Ref to an undeclared parameter.
        """
        if not is_reference(value) or "Ref" not in value:
            return False
        return value["Ref"] in self.defaults or value["Ref"] not in self.resources

    def unused(self) -> None:
        used = {use.parameter for use in self.value_uses}
        for name in self.defaults:
            if name not in used:
                allowed = f'{{"Ref": {json.dumps(name)}}}'
                fault = template.PARAMETER_UNUSED.fault(got=field_name(name), allowed=allowed)
                self.add(f"Parameters.{field_name(name)}", fault)
