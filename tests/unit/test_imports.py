"""Who may import whom: scripts -> corpus, scripts -> model, and never corpus <-> model."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "corpus": {"sklearn", "scipy", "joblib", "model", "scripts"},
    "model": {"corpus", "datasets", "label_studio_sdk", "scripts"},
    "scripts": {"scripts"},
    "tests": {"scripts"},
}
MODULES = [path for folder in FORBIDDEN for path in sorted((ROOT / folder).rglob("*.py"))]
SDK = "label_studio_sdk"


def imports(path, *, top_level_only=False):
    """The top-level packages that a module imports, anywhere or outside functions."""
    tree = ast.parse(path.read_text("utf-8"))
    found, waiting = set(), [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(path.relative_to(ROOT).parts[0] if node.level else node.module.split(".")[0])
        in_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if not (top_level_only and (in_function or is_for_types_only(node))):
            waiting += ast.iter_child_nodes(node)
    return found


def is_for_types_only(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def name_of(path):
    return str(path.relative_to(ROOT))


def test_there_is_something_to_read():
    assert {name_of(path).split("/")[0] for path in MODULES} == set(FORBIDDEN)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_arrows_of_the_design_hold(path):
    assert imports(path) & FORBIDDEN[path.relative_to(ROOT).parts[0]] == set()


def test_the_label_studio_sdk_is_an_extra_imported_inside_functions_of_one_package():
    users = [path for path in MODULES if SDK in imports(path) and "tests" not in path.parts]
    assert {path.parent for path in users} <= {ROOT / "corpus/label_studio"}
    assert [path for path in users if SDK in imports(path, top_level_only=True)] == []


def test_classifying_starts_without_anything_heavy():
    light = (
        "corpus.inputs, corpus.sentences, corpus.cli, model.prediction, model.bundle, model.rows"
    )
    heavy = {"sklearn", "scipy", "pandas", "pyarrow", "datasets", "joblib", SDK, "rich", "pydantic"}
    code = f"import sys, {light}; print([name for name in {sorted(heavy)} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout == "[]\n"
