"""A list refuses what it does not filter by: ignored, it would show more than was asked for."""

from typing import Any

import pytest
from django.db.models.functions import Now
from drf_spectacular.generators import SchemaGenerator

from engine.models import Export
from engine.models.export import ExportStatus
from tests.http import Caller, refusal
from tests.test_tenancy import ids as _rows_of

#: Tables that are no lists by their shape.
TABLES = {
    "/api/projects/{id}/queue/annotation/",
    "/api/projects/{id}/effort/",
    "/api/projects/{id}/effort/mine/",
}


def lists() -> list[tuple[str, list[str]]]:
    """The address of every list, and the filters that the schema names."""
    schema: Any = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found = []
    for path, verbs in schema["paths"].items():
        if "get" not in verbs:
            continue
        answers = verbs["get"]["responses"].get("200", {}).get("content", {})
        if path in TABLES or any(_is_list(kind, answer["schema"]) for kind, answer in answers.items()):
            parameters = verbs["get"].get("parameters", [])
            found.append((path, [p["name"] for p in parameters if p["in"] == "query"]))
    return found


def _is_list(kind: str, shape: dict[str, Any]) -> bool:
    return kind == "text/csv" or shape.get("type") == "array" or "Paginated" in shape.get("$ref", "")


@pytest.mark.django_db
def test_every_list_refuses_a_filter_that_it_does_not_know(team: Any) -> None:
    rows = _rows_of.__wrapped__(team)  # type: ignore[attr-defined]
    Export.objects.update(status=ExportStatus.WRITTEN, written_at=Now())  # before that its files are no list
    caller = Caller(team.owner)
    assert {path for path, _ in lists()} >= TABLES
    assert len(lists()) > 15
    for path, named in lists():
        noun = path.split("/")[2]
        address = path.removeprefix("/api/").replace("{id}", str(rows.get(noun, 0)))
        assert caller.get(address).status_code == 200, path
        assert refusal(caller.get(f"{address}?nonsense=1")) == (400, "invalid"), path
        assert "nonsense" not in named
