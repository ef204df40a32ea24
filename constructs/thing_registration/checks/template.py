"""Reads a provisioning template and says everything that is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from thing_registration import limits
from thing_registration.checks import grammar
from thing_registration.checks.grammar import CERTIFICATE, POLICY, THING
from thing_registration.checks.plan import Plan
from thing_registration.checks.template_json import parse_template
from thing_registration.checks.template_notes import TOKEN_MARK, TemplateNotes
from thing_registration.checks.values import (
    ATTRIBUTE_NAME,
    Kind,
    as_text,
    is_reference,
    policy_document_faults,
    type_fault,
)
from thing_registration.problem import Problem, field_name, shown


@dataclass(frozen=True)
class TemplateReading:
    """A template as AWS gets it, what it asks of each line, and what is wrong with it.

    Args:
        body: Minified JSON; None where the text is no JSON object.
        plan: None where the text is no JSON object.
        problems: In the order of the template.
        rewrites: What the body says in another way than the text, one sentence each.
    """

    body: str | None
    plan: Plan | None
    problems: tuple[Problem, ...]
    rewrites: tuple[str, ...] = ()


def read_template(text: str, source: str) -> TemplateReading:
    """Read a template from its JSON text."""
    template, problems = parse_template(text, source)
    if template is None:
        return TemplateReading(None, None, tuple(problems))
    walk = _Walk(source, problems)
    walk.template(template)
    body = json.dumps(template, separators=(",", ":"), ensure_ascii=False)
    if len(body) > limits.MAX_TEMPLATE_BODY_LENGTH and TOKEN_MARK not in body:
        allowed = f"at most {limits.MAX_TEMPLATE_BODY_LENGTH:,}"
        walk.say("template-length", None, "is too long", f"{len(body):,} characters", allowed)
    plan = Plan(walk.defaults, tuple(walk.roles))
    return TemplateReading(body, plan, tuple(walk.problems), tuple(walk.rewrites))


class _Walk(TemplateNotes):
    """One pass over a template."""

    def template(self, template: dict[str, object]) -> None:
        for section in grammar.FLEET_SECTIONS:
            if section in template:
                what = "is documented for fleet provisioning only"
                allowed = ", ".join(grammar.SECTIONS)
                self.say("fleet-template-only", section, what, shown(section), allowed)
        known = grammar.SECTIONS + grammar.FLEET_SECTIONS
        self.names(None, template, known, "a template", grammar.SECTIONS)
        self.resources = self.mapping("Resources", template.get("Resources"))
        for name, declaration in self.mapping("Parameters", template.get("Parameters", {})).items():
            self.parameter(name, declaration)
        for name, resource in self.resources.items():
            self.resource(f"Resources.{field_name(name)}", resource)
        self.counts()
        self.unused()

    def parameter(self, name: str, declaration: object) -> None:
        path = f"Parameters.{field_name(name)}"
        self.defaults[name] = None
        declared = self.mapping(path, declaration)
        if not isinstance(declaration, dict):
            return
        self.names(path, declared, grammar.PARAMETER_ATTRIBUTES, "a parameter")
        if declared.get("Type") != "String":
            got = shown(declared["Type"]) if "Type" in declared else "nothing"
            self.say("parameter-type", f"{path}.Type", "is not a documented type", got, '"String"')
        if "Default" in declared:
            default = declared["Default"]
            self.faults(f"{path}.Default", [type_fault(default)])
            if isinstance(default, str | int | float):
                self.defaults[name] = as_text(default)

    def resource(self, path: str, resource: object) -> None:
        attributes = self.mapping(path, resource)
        if not isinstance(resource, dict):
            return
        self.names(path, attributes, grammar.RESOURCE_ATTRIBUTES, "a resource")
        kind = attributes.get("Type")
        if not isinstance(kind, str) or kind not in grammar.TEXT_PROPERTIES:
            got = shown(kind) if "Type" in attributes else "nothing"
            allowed = ", ".join(sorted(grammar.TEXT_PROPERTIES))
            what = "is not a resource type of this template"
            self.say("resource-type", f"{path}.Type", what, got, allowed)
            return
        # Without Properties a resource says nothing, and the rules below say what it lacks.
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
            self.method("certificate-method", path, properties, grammar.CERTIFICATE_METHODS)
        else:
            self.method("policy-name-or-document", path, properties, grammar.POLICY_METHODS)
            if "PolicyDocument" in properties:
                self.policy_document(f"{path}.PolicyDocument", properties)

    def thing(self, path: str, properties: dict[str, object]) -> None:
        if "ThingName" not in properties:
            got = ", ".join(sorted(map(field_name, properties))) or "nothing"
            self.say("thing-name-given", path, "has no ThingName", got, "ThingName")
        groups = properties.get("ThingGroups", [])
        where = f"{path}.ThingGroups"
        if is_reference(groups):
            self.value(where, Kind.OTHER, groups)
        elif not isinstance(groups, list):
            self.say("template-shape", where, "is not a list", shown(groups), "a list")
        else:
            if len(groups) > limits.MAX_THING_GROUPS:
                allowed = f"at most {limits.MAX_THING_GROUPS}"
                what = "has too many groups"
                self.say("thing-group-count", where, what, str(len(groups)), allowed)
            for index, group in enumerate(groups):
                self.value(f"{where}[{index}]", Kind.THING_GROUP, group)
        self.attributes(path, properties)

    def attributes(self, path: str, properties: dict[str, object]) -> None:
        where = f"{path}.AttributePayload"
        payload = properties.get("AttributePayload", {})
        if is_reference(payload):
            self.value(where, Kind.OTHER, payload)
            return
        attributes = self.mapping(where, payload)
        most = limits.MAX_ATTRIBUTES_WITHOUT_THING_TYPE
        if "ThingTypeName" not in properties and len(attributes) > most:
            what = "has too many attributes for a thing without thing type"
            self.say("attribute-count", where, what, str(len(attributes)), f"at most {most}")
        most = limits.MAX_ATTRIBUTES_WITH_THING_TYPE
        if "ThingTypeName" in properties and len(attributes) > most:
            allowed = f"at most {most} unless AWS raised your quota"
            what = "has too many attributes"
            self.say("attribute-quota", where, what, str(len(attributes)), allowed)
        for name, value in attributes.items():
            if not ATTRIBUTE_NAME.fits(name) and TOKEN_MARK not in name:
                what = "is no attribute name"
                self.say("attribute-name", where, what, shown(name), ATTRIBUTE_NAME.allowed)
            self.value(f"{where}.{field_name(name)}", Kind.ATTRIBUTE, value)

    def method(
        self, rule: str, path: str, properties: Mapping[str, object], methods: tuple[str, ...]
    ) -> None:
        given = [name for name in methods if name in properties]
        if len(given) == 1:
            return
        if given:
            what = "is given in more than one way"
        elif rule == "certificate-method":
            what = "says no certificate"
        else:
            what = "names no policy and has no document"
        documented = [name for name in methods if name != "CertificateID"]
        got = " and ".join(given) or "nothing"
        self.say(rule, path, what, got, f"exactly one of {', '.join(documented)}")

    def policy_document(self, path: str, properties: dict[str, object]) -> None:
        document = properties["PolicyDocument"]
        if is_reference(document):
            self.value(path, Kind.POLICY_DOCUMENT, document)
            return
        if TOKEN_MARK not in json.dumps(document):
            self.faults(path, policy_document_faults(document))
        if isinstance(document, dict):
            properties["PolicyDocument"] = json.dumps(document, separators=(",", ":"))
            self.rewrites.append(
                f"{self.source}: {path}: the object is sent as a JSON string, "
                "which bulk registration needs"
            )

    def overrides(self, path: str, kind: str, settings: object) -> None:
        if kind == POLICY:
            what, allowed = "is not available for a policy", "no OverrideSettings"
            self.say("override-policy", path, what, shown(settings), allowed)
            return
        known = grammar.OVERRIDE_SETTINGS[kind]
        chosen = self.mapping(path, settings)
        self.names(path, chosen, tuple(known), f"a resource of type {kind}")
        for name, value in chosen.items():
            if name in known and value not in known[name]:
                allowed = ", ".join(known[name])
                what = "is no override setting"
                self.say("override-value", f"{path}.{name}", what, shown(value), allowed)

    def counts(self) -> None:
        types = [r.get("Type") for r in self.resources.values() if isinstance(r, dict)]
        for kind, noun, least in ((THING, "thing", 1), (CERTIFICATE, "certificate", 0)):
            number = types.count(kind)
            if least <= number <= 1:
                continue
            what = f"has no {noun}" if number < least else f"has more than one {noun}"
            self.say("resource-count", "Resources", what, f"{number} of {kind}", "1")

    def unused(self) -> None:
        used = {role.parameter for role in self.roles}
        for name in self.defaults:
            if name not in used:
                what = "is never referred to"
                allowed = f'a {{"Ref": {json.dumps(name)}}} in Resources'
                where = f"Parameters.{field_name(name)}"
                self.say("parameter-unused", where, what, shown(name), allowed)
