"""Who imports whom, in Python and in TypeScript, read from the files alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

#: Each module, as the parts of its path, with the modules that it imports.
Graph = dict[tuple[str, ...], set[tuple[str, ...]]]

_FROM = re.compile(r"""(?:from|import)\s+["']([^"']+)["']""")


def python_graph(root: Path, rooms: list[str]) -> Graph:
    """Modules of `rooms` below `root`; imports inside functions count too, those for types alone do not."""
    paths = [path for room in rooms for path in (root / room).rglob("*.py") if "migrations" not in path.parts]
    names = {_parts(path.relative_to(root)): path for path in paths}
    return {name: set(_python_imports(name, path, set(names))) for name, path in names.items()}


def page_graph(root: Path) -> Graph:
    """TypeScript modules below `root`, tests left out; `@/` is `root`."""
    paths = [path for path in root.rglob("*.ts*") if ".test." not in path.name]
    names = {path.relative_to(root).with_suffix("").parts: path for path in paths}
    return {name: set(_page_imports(name, path, root, set(names))) for name, path in names.items()}


def mutual_pairs(graph: Graph) -> list[tuple[str, str]]:
    """Pairs of neighbours (files or folders in one folder) of which each imports the other."""
    found = set()
    for name, targets in graph.items():
        for target in targets:
            here, there = _neighbours(name, target)
            if here != there:
                found.add((here, there))
    return sorted((here, there) for here, there in found if here < there and (there, here) in found)


def circles(graph: Graph) -> list[list[str]]:
    """Sets of modules that reach one another by imports: the strongly connected parts (Tarjan)."""
    order: dict[tuple[str, ...], int] = {}
    low: dict[tuple[str, ...], int] = {}
    stack: list[tuple[str, ...]] = []
    found: list[list[str]] = []

    def visit(name: tuple[str, ...]) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for target in graph[name]:
            if target not in order:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], order[target])
        if low[name] == order[name]:
            part = [stack.pop()]
            while part[-1] != name:
                part.append(stack.pop())
            if len(part) > 1:
                found.append(sorted("/".join(each) for each in part))

    for name in graph:
        if name not in order:
            visit(name)
    return found


def _parts(path: Path) -> tuple[str, ...]:
    """A package is its `__init__`."""
    parts = path.with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def _python_imports(
    name: tuple[str, ...], path: Path, known: set[tuple[str, ...]]
) -> Iterator[tuple[str, ...]]:
    for node in _run(ast.parse(path.read_text())):
        wanted: list[tuple[str, ...]] = []
        if isinstance(node, ast.Import):
            wanted = [tuple(alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            base = tuple(node.module.split("."))
            # `from package import module` imports the module; a name out of it imports the package.
            wanted = [each if (each := (*base, alias.name)) in known else base for alias in node.names]
        yield from (each for each in wanted if each in known and each != name)


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    """What is run: everything but what stands below `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")):
            yield node
            yield from _run(node)


def _page_imports(
    name: tuple[str, ...], path: Path, root: Path, known: set[tuple[str, ...]]
) -> Iterator[tuple[str, ...]]:
    for wanted in _FROM.findall(path.read_text()):
        if wanted.startswith("@/"):
            target = root / wanted[2:]
        elif wanted.startswith("."):
            target = path.parent / wanted
        else:
            continue
        parts = Path(target).resolve().relative_to(root.resolve()).parts
        for each in (parts, (*parts, "index")):
            if each in known and each != name:
                yield each


def _neighbours(name: tuple[str, ...], target: tuple[str, ...]) -> tuple[str, str]:
    """The two in the folder in which the ways to them part; the same name twice where one holds the other."""
    shared = 0
    while shared < min(len(name), len(target)) and name[shared] == target[shared]:
        shared += 1
    if shared in (len(name), len(target)):
        return "", ""
    return "/".join(name[: shared + 1]), "/".join(target[: shared + 1])
