"""The Lambdas import what AWS's runtime has, and each half of the repository stands alone."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAMBDA = ROOT / "lambda"


class _AtRunTime(ast.NodeTransformer):
    """Leaves out what is imported for the type checker only."""

    def visit_If(self, node: ast.If) -> ast.If:
        if "TYPE_CHECKING" in ast.dump(node.test):
            node.body.clear()
        return node


def imported(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each file and the first name of each module that it imports at run time."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(_AtRunTime().visit(ast.parse(file.read_text()))):
            if isinstance(node, ast.Import):
                yield from ((file.name, alias.name.split(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield file.name, node.module.split(".")[0]


def test_the_lambdas_import_boto3_and_the_standard_library_only() -> None:
    own = {path.stem for path in LAMBDA.iterdir()}
    allowed = own | {"boto3", "botocore"} | sys.stdlib_module_names

    assert [each for each in imported(LAMBDA) if each[1] not in allowed] == []


def test_no_module_of_the_lambdas_hides_one_of_the_runtime() -> None:
    own = {path.stem for path in LAMBDA.iterdir() if path.stem != "__init__"}

    assert own & (sys.stdlib_module_names | {"boto3", "botocore", "s3transfer", "urllib3"}) == set()


def test_the_local_aws_imports_neither_the_library_nor_the_lambdas() -> None:
    own = {path.stem for path in LAMBDA.iterdir() if path.stem != "__init__"}
    forbidden = own | {"thing_registration", "tools", "tests"}

    assert [each for each in imported(ROOT / "local") if each[1] in forbidden] == []
