"""A kind of run is one record, and its params are what they say."""

from importlib import import_module

import pytest
from django.db import IntegrityError, transaction

from engine import run_kinds
from engine.errors import InvalidInput
from engine.models import Run
from engine.run_kinds import KINDS, ExportParams, FinetuneParams, PredictParams, RunKind, Subject
from engine.services import runs
from tests import factories


def test_every_kind_has_a_record_with_a_function() -> None:
    assert set(KINDS) == set(RunKind)
    for kind in KINDS.values():
        module, _, name = kind.function.partition(":")
        assert callable(getattr(import_module(module), name))


def test_params_come_back_as_they_were_stored() -> None:
    base = run_kinds.Base("bundled", "bundled", 3)
    asked = FinetuneParams(base, run_kinds.TrainingSettings(steps=7, learning_rate=1e-4), name="x")
    assert run_kinds.parse(FinetuneParams, run_kinds.dump("finetune", asked)) == asked


def test_params_of_another_kind_are_refused() -> None:
    with pytest.raises(InvalidInput, match="of kind predict takes frame_idx, remembers"):
        run_kinds.dump(RunKind.PREDICT, ExportParams("sav"))
    with pytest.raises(InvalidInput, match="of kind ingest takes no parameters"):
        run_kinds.dump(RunKind.INGEST, PredictParams(0, remembers=True))


@pytest.mark.parametrize("stored", [{}, {"frame_idx": "3", "remembers": True}, {"frame_idx": None}])
def test_params_that_are_none_are_refused(stored: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="not what the run takes"):
        run_kinds.parse(PredictParams, stored)


def test_a_run_without_its_subject_is_refused_by_the_database(team: factories.Team) -> None:
    for kind, record in KINDS.items():
        if record.subject == Subject.PROJECT:
            continue  # every run has one
        with (
            pytest.raises(IntegrityError, match=f"{kind}_run_has_its_{record.subject}"),
            transaction.atomic(),
        ):
            Run.objects.create(kind=kind, project=team.project)


def test_a_run_that_nobody_asked_for_has_no_actor(team: factories.Team) -> None:
    video = factories.video(team.project, team.owner)
    run = runs.request(kind=RunKind.INGEST, actor=None, project_id=team.project.pk, video=video)
    assert run.actor is None
    assert run.exclusive_key == f"ingest:{video.pk}"
