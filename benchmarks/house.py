"""How the house stands: lengths, circles, tests and docstrings, as one JSON object in the last line.

Reads the files of a checkout and runs none of them. `python -m benchmarks.house` tells the worst of each figure above
that line; a figure beyond its bound ends it with status 1.
"""

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import imports

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["vos", "engine", "annotation", "verification", "worker", "maskloop", "deploy", "benchmarks"]
PAGES = ROOT / "frontend" / "src"

#: What others stand on: benchmarks are called by nobody, `deploy` by make alone.
CALLED = ["vos", "engine", "annotation", "verification", "worker", "maskloop"]
#: Each figure's bound: at most for lengths and counts, at least for shares.
AT_MOST = {
    "longest_function": 50,
    "longest_component": 90,
    "mutual_pairs": 0,
    "import_circles": 0,
    "files_per_run_kind": 4,
}
AT_LEAST = {"test_to_code": 0.8, "public_docstrings": 0.85}

# Prettier puts a function at the top of a module at the left edge, and its last brace too.
_TOP = re.compile(
    r"^(?:export )?(?:default )?(?:async )?function\*? (\w+)|^(?:export )?const (\w+) = .*=> [{(]$", re.M
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*rooms: str) -> Iterator[Path]:
    """The Python files of `rooms`, migrations left out."""
    for room in rooms or ROOMS:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts)


def page_files(*, tests: bool = False) -> Iterator[Path]:
    """The TypeScript files of the pages, or their tests; what is generated is left out."""
    for path in sorted(PAGES.rglob("*.ts*")):
        if path.name != "schema.d.ts" and (".test." in path.name) is tests:
            yield path


def longest_functions(paths: Iterable[Path]) -> list[tuple[int, str]]:
    """Lines and place of each Python function, the longest first."""
    found = [
        (node.end_lineno - node.lineno + 1, f"{_name(path)}:{node.name}")
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, Function) and node.end_lineno is not None
    ]
    return sorted(found, reverse=True)


def longest_components(paths: Iterable[Path]) -> list[tuple[int, str]]:
    """Lines and place of each function at the top of a TypeScript module, the longest first."""
    found = []
    for path in paths:
        text = path.read_text()
        for match in _TOP.finditer(text):
            end = re.compile(r"^[})]+;?$", re.M).search(text, match.end())
            lines = text.count("\n", match.start(), end.end() if end else len(text)) + 1
            found.append((lines, f"{_name(path)}:{match[1] or match[2]}"))
    return sorted(found, reverse=True)


def test_to_code() -> float:
    """Lines of tests for each line of code, in Python and TypeScript; blank ones and benchmarks are left out."""
    tests = _lines([*python_files("tests"), *page_files(tests=True)])
    return tests / _lines([*python_files(*CALLED, "deploy"), *page_files()])


def undocumented(paths: Iterable[Path]) -> tuple[list[str], int]:
    """The public functions at the top of a module without a docstring, and how many public ones there are."""
    bare, public = [], 0
    for path in paths:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, Function) and not node.name.startswith("_"):
                public += 1
                if ast.get_docstring(node) is None:
                    bare.append(f"{_name(path)}:{node.name}")
    return bare, public


def files_per_run_kind() -> dict[str, list[str]]:
    """The files that name a run kind, by its constant or as its string, beside tests and migrations."""
    kinds = _run_kinds()
    texts = {path: path.read_text() for path in [*python_files(*CALLED), *page_files()]}
    return {
        kind: [
            _name(path)
            for path, text in texts.items()
            if re.search(rf"\bRunKind\.{constant}\b|\bkind\b[^\n]{{0,20}}[\"']{kind}[\"']", text)
        ]
        for constant, kind in kinds.items()
    }


def _run_kinds() -> dict[str, str]:
    """Constants and strings of `RunKind`."""
    tree = ast.parse((ROOT / "engine" / "run_kinds.py").read_text())
    [kinds] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "RunKind"]
    return {
        node.targets[0].id: node.value.value
        for node in kinds.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _lines(paths: Iterable[Path]) -> int:
    return sum(sum(1 for line in path.read_text().splitlines() if line.strip()) for path in paths)


def main() -> int:
    """Print the figures; 1 where one of them is beyond its bound."""
    functions = longest_functions(python_files())
    components = longest_components(page_files())
    graphs = [imports.python_graph(ROOT, ROOMS), imports.page_graph(PAGES)]
    pairs = [pair for graph in graphs for pair in imports.mutual_pairs(graph)]
    circles = [circle for graph in graphs for circle in imports.circles(graph)]
    bare, public = undocumented(python_files(*CALLED))
    kinds = files_per_run_kind()
    figures = {
        "longest_function": functions[0][0],
        "longest_component": components[0][0],
        "mutual_pairs": len(pairs),
        "import_circles": len(circles),
        "test_to_code": round(test_to_code(), 2),
        "public_docstrings": round(1 - len(bare) / public, 3),
        "files_per_run_kind": max(map(len, kinds.values())),
    }
    worst = {
        "longest functions": [f"{lines} {where}" for lines, where in functions[:5]],
        "longest components": [f"{lines} {where}" for lines, where in components[:5]],
        "mutual pairs": [" ↔ ".join(pair) for pair in pairs],
        "import circles": [" → ".join(circle) for circle in circles],
        "without a docstring": bare,
        "files of each run kind": [f"{kind}: {', '.join(names)}" for kind, names in kinds.items()],
    }
    for title, rows in worst.items():
        print(f"{title}:", *rows, sep="\n  ")
    print(json.dumps(figures))
    missed = [name for name, bound in AT_MOST.items() if figures[name] > bound]
    missed += [name for name, bound in AT_LEAST.items() if figures[name] < bound]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
