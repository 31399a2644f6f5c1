import sys
import time
from dataclasses import replace
from types import ModuleType
from typing import Any

from django.apps import AppConfig

#: A queue whose worker loads no model.
QUEUE = "train"


class Hanging(AppConfig):
    name = "tests.worker.hanging"

    def ready(self) -> None:
        from engine.run_kinds import KINDS, RunKind

        KINDS[RunKind.PROPAGATE] = replace(KINDS[RunKind.PROPAGATE], queue=QUEUE, patience=1.0)
        hanging: Any = ModuleType("worker.inference.propagate")
        hanging.propagate = lambda work: time.sleep(3600)
        sys.modules["worker.inference.propagate"] = hanging
