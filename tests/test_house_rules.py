"""The house rules, executable. A message names the right way, not only the wrong one."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

ROOMS = ["engine", "annotation", "verification", "worker", "deploy"]


def modules(root: Path, *rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms or ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(root)), ast.parse(path.read_text())


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def calls(tree: ast.Module, *names: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
    ]


def test_only_storage_speaks_s3(root: Path) -> None:
    for name, tree in modules(root, "engine", "annotation", "verification", "worker"):
        if name != "engine/storage.py":
            guilty = {n for n in imported(tree) if n.split(".")[0] in {"boto3", "botocore"}}
            assert not guilty, f"{name} imports {guilty}: call engine.storage instead"


def test_only_dispatch_sends_to_celery(root: Path) -> None:
    for name, tree in modules(root, "engine", "annotation", "verification", "worker"):
        if name != "engine/dispatch.py":
            sends = calls(tree, "delay", "apply_async", "send_task", "delay_on_commit")
            assert not sends, f"{name} sends to Celery: call engine.services.runs.request instead"


def test_only_lifecycle_writes_a_status(root: Path) -> None:
    for name, tree in modules(root, "engine", "annotation", "verification", "worker"):
        if name == "engine/lifecycle.py":
            continue
        for call in calls(tree, "update"):
            assert "status" not in {k.arg for k in call.keywords}, (
                f"{name}:{call.lineno} updates a status: call engine.lifecycle.change instead"
            )
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                guilty = isinstance(target, ast.Attribute) and target.attr == "status"
                kept = ast.unparse(target) == "record.status"  # an HTTP status, kept for a retry
                assert not guilty or kept, (
                    f"{name}:{node.lineno} sets a status: call engine.lifecycle.change instead"
                )


def test_only_the_audit_service_writes_an_audit_entry(root: Path) -> None:
    for name, tree in modules(root, "engine", "annotation", "verification", "worker"):
        made = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and "AuditEntry" in ast.unparse(n.func)]
        made = [n for n in made if ast.unparse(n.func).endswith(("AuditEntry", "create"))]
        assert not made or name == "engine/services/audit.py", f"{name}: call engine.services.audit.record"


def test_tasks_take_a_run_id_and_nothing_else(root: Path) -> None:
    path = root / "worker" / "tasks.py"
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and "app.task" in "".join(map(ast.unparse, node.decorator_list)):
            names = [arg.arg for arg in node.args.args if arg.arg != "self"]
            assert names == ["run_id"], (
                f"worker/tasks.py: {node.name} must take run_id alone; the row has the rest"
            )


def test_no_signals_and_no_logic_in_save(root: Path) -> None:
    for name, tree in modules(root, "engine", "annotation", "verification", "worker"):
        guilty = {n for n in imported(tree) if n.startswith("django.db.models.signals")}
        assert not guilty, f"{name} uses model signals: say it in a service instead"
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any("Model" in ast.unparse(base) for base in node.bases):
                overridden = {n.name for n in node.body if isinstance(n, ast.FunctionDef)} & {
                    "save",
                    "delete",
                }
                assert not overridden, (
                    f"{name}: {node.name} overrides {overridden}: say it in a service instead"
                )


def test_nobody_reads_the_clock_for_a_lease(root: Path) -> None:
    for name, tree in modules(root, "engine", "annotation", "verification", "worker"):
        guilty = [c for c in calls(tree, "now", "utcnow") if ast.unparse(c.func).startswith("datetime")]
        assert not guilty, f"{name}: use the database's clock, django.db.models.functions.Now()"


def test_every_foreign_key_says_what_its_other_end_is_called(root: Path) -> None:
    for name, tree in modules(root, "engine", "annotation", "verification"):
        for call in calls(tree, "ForeignKey", "OneToOneField"):
            if ast.unparse(call.func).startswith("models."):
                assert "related_name" in {k.arg for k in call.keywords}, (
                    f"{name}:{call.lineno}: add related_name"
                )


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern.callback


def api_views() -> list[tuple[str, Any]]:
    found = [(route, getattr(view, "cls", None)) for route, view in routes(get_resolver().url_patterns)]
    return [(route, cls) for route, cls in found if cls is not None and "spectacular" not in cls.__module__]


def test_every_route_states_its_permission() -> None:
    assert len(api_views()) > 30
    for route, cls in api_views():
        assert "permission_classes" in vars(cls), (
            f"{route}: {cls.__name__} must state permission_classes itself"
        )


def test_only_signing_in_is_open_to_the_world() -> None:
    from engine.api.permissions import Anyone

    assert [route for route, cls in api_views() if Anyone in cls.permission_classes] == ["api/session/"]


def test_creating_writes_take_an_idempotency_key() -> None:
    """A POST that makes a row must survive being sent twice."""
    exempt = {
        # Signing in makes no row of ours; these are safe to send twice by what they do.
        "api/session/",
        "api/session/password/",
        "api/uploads/<int:pk>/parts/",
        "api/uploads/<int:pk>/complete/",
        "api/imports/<int:pk>/complete/",
        "api/checkpoint-imports/<int:pk>/complete/",
        "api/runs/<int:pk>/cancel/",
        "api/releases/<int:pk>/freeze/",
        "api/checkpoints/<int:pk>/promote/",
        "api/checkpoints/<int:pk>/retire/",
        "api/projects/<int:pk>/rollback/",
        "api/canaries/<int:pk>/stop/",
        "api/projects/<int:pk>/phase/",
        # Its answer must not be kept: the secret in it is stored nowhere. Sent again, the name is taken.
        "api/projects/<int:pk>/tokens/",
    }
    for route, cls in api_views():
        post = getattr(cls, "post", None)
        if post is None or route in exempt or route.split("/")[-2] in LEASE_VERBS:
            continue
        assert "idempotent" in inspect.getsource(post), (
            f"{route}: decorate {cls.__name__}.post with @idempotent"
        )


#: Verbs on a lease or by its token: sent again they answer the same or refuse, and make nothing twice.
LEASE_VERBS = {
    "claim", "review", "next", "heartbeat", "submit", "hand-back", "discard", "give-back", "undo", "restore", "reopen",
    "bring-back", "resume", "let-in", "together",
    "assign", "effort",
}  # fmt: skip


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "NotImplementedError"])
def test_nothing_is_left_for_later(root: Path, word: str) -> None:
    for room in ROOMS:
        for path in (root / room).rglob("*.py"):
            assert word not in path.read_text(), (
                f"{path.relative_to(root)} says {word}: do it, or make an issue"
            )
