import subprocess
import sys

from engine import janitor
from engine.celery import app
from engine.run_kinds import KINDS
from worker import tasks
from worker.inference import fold

SET_UP = """
import sys, django
django.setup()
import worker.tasks, worker.inference.fold, worker.videos.ingest, worker.datasets.export
sys.exit("torch" in sys.modules)
"""


def test_every_kind_of_run_has_its_task() -> None:
    assert {kind.task for kind in KINDS.values()} == {
        name for name in app.tasks if name.startswith(tasks.__name__)
    }


def test_a_process_without_a_model_does_not_load_torch() -> None:
    subprocess.run([sys.executable, "-c", SET_UP], check=True)


def test_the_janitor_folds_what_lost_runs_left() -> None:
    assert fold.fold_ended in janitor.DUTIES.values()
