"""The one-line changes that are tried: Cosmic Ray's operators, and three of our own."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

# Of the operators that replace one by every other, those that a person could confuse.
CONFUSED = ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")
INVERTED = ("Lt_GtE", "LtE_Gt", "Gt_LtE", "GtE_Lt")
ARITHMETIC = ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul")
OPERATORS = (
    "AddNot",
    "NumberReplacer",
    "RemoveDecorator",
    "ReplaceAndWithOr",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ReplaceFalseWithTrue",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "ZeroIterationForLoop",
    *(f"ReplaceComparisonOperator_{pair}" for pair in CONFUSED + INVERTED),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ARITHMETIC),
)
# A change in these lines fails nothing: types are not imported at run time, a log is for people,
# and a frozen dataclass is held by the type checker.
SKIPPED_LINE = re.compile(r"(if TYPE_CHECKING:|print\(|from |import |@dataclass)")
# Words have a meaning to AWS or to us; sentences are for people.
WORD = re.compile(r'"[\w./:%-]+"')


@dataclass(frozen=True)
class Mutant:
    """A source file with one line changed."""

    path: str
    line_number: int
    before: str
    after: str
    source: str

    @property
    def change(self) -> str:
        """The line before and after, as the list of accepted survivors has it."""
        return f"{self.before} -> {self.after}"


class RemoveCall:
    """Replaces a statement that is only a call by `pass`."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        """Yield the node's position if it is such a statement."""
        if node.type == "simple_stmt" and node.children[0].type in ("atom_expr", "power"):
            yield (node.start_pos, node.end_pos)

    def mutate(self, node: Any, _index: int) -> Any:
        """Return the statement without its call."""
        statement = get_ast("pass\n").children[0]
        statement.get_first_leaf().prefix = node.get_first_leaf().prefix
        return statement


class CatchNothing:
    """Lets the errors pass that an `except` names; Cosmic Ray's own fails at dotted names."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        """Yield the position of the errors if the node is such a clause."""
        if node.type == "except_clause":
            yield (node.children[1].start_pos, node.children[1].end_pos)

    def mutate(self, node: Any, _index: int) -> Any:
        """Return the clause with no errors."""
        nothing = get_ast("()\n").children[0].children[0]
        nothing.get_first_leaf().prefix = " "
        node.children[1] = nothing
        return node


class ChangeWord:
    """Replaces a string that is one word, but for types and docstrings, by another word."""

    def mutation_positions(self, node: Any) -> Iterator[Any]:
        """Yield the node's position if it is such a string."""
        if node.type == "string" and WORD.fullmatch(node.value) and not _is_type(node):
            yield (node.start_pos, node.end_pos)

    def mutate(self, node: Any, _index: int) -> Any:
        """Return the string with one more letter."""
        node.value = f'{node.value[:-1]}X"'
        return node


def mutants(root: Path, path: str) -> list[Mutant]:
    """Return every mutant of a file, in the order of its lines; none twice."""
    source = (root / path).read_text(encoding="utf-8")
    operators: list[Any] = [get_operator(f"core/{name}")() for name in OPERATORS]
    found = {}
    for operator in (*operators, RemoveCall(), CatchNothing(), ChangeWord()):
        positions = [
            position
            for node in ast_nodes(get_ast(source))
            for position in operator.mutation_positions(node)
        ]
        for occurrence in range(len(positions)):
            mutated = mutate_code(source, operator, occurrence)
            if mutated is not None and mutated != source:
                mutant = _mutant(path, source, mutated)
                if not SKIPPED_LINE.match(mutant.before):
                    found[mutant.source] = mutant
    return sorted(found.values(), key=lambda mutant: mutant.line_number)


def _mutant(path: str, source: str, mutated: str) -> Mutant:
    lines, new = source.splitlines(), mutated.splitlines()
    matcher = difflib.SequenceMatcher(None, lines, new, autojunk=False)
    _, start, end, new_start, new_end = next(
        code for code in matcher.get_opcodes() if code[0] != "equal"
    )
    before = " ".join(line.strip() for line in lines[start:end])
    after = " ".join(" ".join(new[new_start:new_end]).split())
    return Mutant(path, start + 1, before, after, mutated)


def _is_type(node: Any) -> bool:
    """Return whether a string is an annotation or one of a Literal's values."""
    child, parent = node, node.parent
    while parent is not None and parent.type not in ("simple_stmt", "suite", "file_input"):
        if parent.type == "tfpdef" or (parent.type == "funcdef" and child.type != "parameters"):
            return True
        if parent.type == "annassign" and child is parent.children[1]:
            return True
        if parent.type in ("trailer", "atom_expr") and "Literal[" in parent.parent.get_code():
            return True
        child, parent = parent, parent.parent
    return False
