"""Columns with a type: what goes in comes out, and what does not fit is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, models

from engine import shapes
from engine.candidate_filter import Learned
from engine.errors import RowMalformed
from engine.models import CandidatePolicy, Revision, Video
from engine.models.video import Warned
from engine.run_kinds import FinetuneParams, PredictParams
from engine.shapes import ShapedField
from tests import factories
from tests.factories import Team
from tests.http import Caller, refusal
from vos.dataset import Stretch

#: Whose content the one who writes it decides: changed values, an answer kept for a retry, what a kind of run asks for
#: and tells.
OPEN = {
    "engine.AuditEntry.before", "engine.AuditEntry.after", "engine.IdempotencyRecord.body", "engine.Run.params",
    "engine.Run.result",
}  # fmt: skip
#: COCO's RLE is a dict wherever it goes, and is checked against its frame at the door (vos.rle.check).
ELSEWHERE = {"engine.Prompt.rle"}


@dataclass(frozen=True)
class Part:
    name: str
    share: float
    places: list[int]
    inner: dict[str, Part] | None = None


WHOLE = Part("a", 1.0, [1], {"b": Part("b", 0.5, [])})


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Part, WHOLE),
        (list[Part], [WHOLE, WHOLE]),
        (dict[str, Part], {"x": WHOLE}),
        (list[str], []),
        (dict[str, float], {"x": 0.5}),
        (dict[str, str | float | bool], {"a": "b", "c": 2.0, "d": True}),
    ],
)
def test_what_goes_in_comes_out(shape: Any, value: Any) -> None:
    assert shapes.parse(shape, shapes.dump(value)) == value


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({}, "name"),
        ({"name": 1, "share": 1, "places": []}, "name"),
        ({"name": "a", "share": True, "places": []}, "share"),
        ({"name": "a", "share": "1", "places": []}, "share"),
        ({"name": "a", "share": 1, "places": ["x"]}, "places"),
        ({"name": "a", "share": 1, "places": [], "inner": {"b": {}}}, "inner"),
        ([], "value"),
        (None, "value"),
        ("a", "value"),
    ],
)
def test_what_does_not_fit_is_told_by_its_name(stored: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        shapes.parse(Part, stored)


def test_every_column_has_a_shape_unless_it_is_open_by_its_nature() -> None:
    plain = {
        f"{model._meta.label}.{field.name}"
        for room in ("engine", "annotation", "verification")
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.JSONField) and not isinstance(field, ShapedField)
    }
    assert plain == OPEN | ELSEWHERE


def test_migrations_see_a_plain_column() -> None:
    field = Video._meta.get_field("warnings")
    assert field.deconstruct()[1] == "django.db.models.JSONField"
    assert type(field.clone()) is models.JSONField


@pytest.fixture
def team() -> Team:
    return factories.team()


@pytest.fixture
def video(team: Team) -> Video:
    return factories.ready_video(team.project, team.owner, stored=False)


def spoil(row: models.Model, column: str, text: str) -> None:
    """Write JSON past the door, as a hand in psql would."""
    with connection.cursor() as cursor:
        table = row._meta.db_table
        cursor.execute(f"UPDATE {table} SET {column} = %s::jsonb WHERE id = %s", [text, row.pk])


@pytest.mark.django_db
def test_a_row_keeps_what_it_was_given(video: Video) -> None:
    assert (video.warnings, video.frame_tags) == ([], [])
    video.warnings = [Warned("interlaced", "It is interlaced.")]
    video.frame_tags.append(Stretch("dark", 1, 2))
    video.save()
    again = Video.objects.get(pk=video.pk)
    assert (again.warnings, again.frame_tags) == (
        [Warned("interlaced", "It is interlaced.")],
        [Stretch("dark", 1, 2)],
    )
    again.refresh_from_db()
    assert again.warnings[0].message == "It is interlaced."
    Video.objects.filter(pk=video.pk).update(warnings=[Warned("copy", "It is a copy.")])
    assert Video.objects.defer("warnings").get(pk=video.pk).warnings[0].code == "copy"
    assert Video.objects.values_list("warnings", flat=True).get(pk=video.pk)[0]["code"] == "copy"


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [[{"code": "a"}], ["a sentence"], {"code": "a", "message": "b"}, 3])
def test_what_is_not_of_the_shape_is_not_written(video: Video, wrong: Any) -> None:
    with pytest.raises(ValidationError, match="warnings"):
        Video.objects.filter(pk=video.pk).update(warnings=wrong)
    video.warnings = wrong
    with pytest.raises((ValidationError, RowMalformed)):
        video.save(update_fields=["warnings"])


@pytest.mark.django_db
def test_an_empty_object_may_stand_for_nothing(team: Team) -> None:
    policy = CandidatePolicy.objects.create(project=team.project)
    assert CandidatePolicy.objects.get(pk=policy.pk).learned is None
    policy.learned = Learned(["drift"], [0.5], 0.0, 40)
    policy.save()
    assert CandidatePolicy.objects.get(pk=policy.pk).learned == policy.learned
    policy.learned = None
    policy.save()
    assert CandidatePolicy.objects.filter(learned={}).exists()


@pytest.mark.django_db
def test_a_malformed_row_is_a_sentence_and_not_a_fault(team: Team, video: Video) -> None:
    masklet = factories.accepted_masklet(video, team)
    made = factories.candidate(team, factories.retraining(team, factories.frozen_release(team)))
    assert made.run is not None
    revision = Revision.objects.get(pk=masklet.revision_id)
    caller = Caller(team.owner)
    for row, column, text, path, said in [
        (video, "warnings", '[{"code": "a"}]', f"videos/{video.pk}/", "warnings"),
        (masklet, "frame_attributes", "[1]", f"masklets/{masklet.pk}/", "frame attributes"),
        (revision, "suggested_frames", '[{"frame_idx": "x"}]', f"masklets/{masklet.pk}/", "suggested frames"),
        (made, "evaluation", '{"note": 3}', f"checkpoints/{made.pk}/", "evaluation"),
        (made.run, "params", '{"name": ""}', f"checkpoints/{made.pk}/", "asked for"),
    ]:
        before = type(row)._default_manager.values_list(column, flat=True).get(pk=row.pk)
        spoil(row, column, text)
        response = caller.get(path)
        assert refusal(response) == (409, "row_malformed"), (column, response.content)
        assert said in response.json()["message"]
        assert str(row.pk) in response.json()["message"]
        type(row)._default_manager.filter(pk=row.pk).update(**{column: before})
        assert caller.get(path).status_code == 200, column


@pytest.mark.django_db
def test_one_bad_row_does_not_keep_others_of_its_page_back(team: Team, video: Video) -> None:
    """A list reads what it shows: rows whose bad column it does not show are there."""
    factories.ready_video(team.project, team.owner, stored=False)
    masklet = factories.accepted_masklet(video, team)
    spoil(masklet, "frame_attributes", "[1]")
    assert len(Caller(team.owner).get(f"videos/?project={team.project.pk}").json()["results"]) == 2


def test_params_of_a_run_are_read_by_its_kind() -> None:
    assert shapes.parse(PredictParams, {"frame_idx": 3, "remembers": True}) == PredictParams(
        3, remembers=True
    )
    with pytest.raises(ValueError, match="base"):
        shapes.parse(FinetuneParams, {"name": "a"})
