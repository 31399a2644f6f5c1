"""Evaluate: judge a candidate (again) beside the present champion, on what is held out."""

from django.db import transaction

from engine.errors import WrongState
from engine.models import CheckpointStatus
from engine.models.checkpoint import Measured
from engine.services import checkpoints, evaluation_sets, retraining, runs
from worker import scratch
from worker.inference import trackers
from worker.retraining import dataset as footage
from worker.retraining.evaluate import Comparison
from worker.runs import Work


def evaluate(work: Work) -> None:
    """One attempt of the run's candidate on the project's evaluation set."""
    run, candidate = work.run, work.run.candidate
    assert candidate is not None
    held = evaluation_sets.current(run.project_id)
    champion = checkpoints.active(run.project_id)
    if held is None or champion is None:
        raise WrongState("Nothing is held out to judge by.")
    with scratch.folder(needs=footage.space_for_held_out(held)) as folder:
        laid = footage.lay_out_held(work, held, folder)
        comparison = Comparison(work, laid)
        work.progress(0, comparison.total, unit="clips")
        told, judgement = comparison.compare(
            trackers.folder(checkpoints.location_of(champion)),
            trackers.folder(checkpoints.location_of(candidate)),
            champion=champion,
        )
    assert judgement is not None
    with transaction.atomic():
        runs.hold(run)
        judgement.record(run, candidate)
        if candidate.status == CheckpointStatus.CANDIDATE:
            note = footage.HELD_OUT_NOTE.format(held=held)
            measured = Measured(told.held_out, told.rendered, note, [], [], recipe={}, beside=told.beside)
            retraining.record_figures(candidate, measured, reason=str(run))
        runs.succeed(run, {"checkpoint": candidate.pk})
