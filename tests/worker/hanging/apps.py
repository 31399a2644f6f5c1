import sys
import time
from types import ModuleType
from typing import Any

from django.apps import AppConfig

#: A queue whose worker loads no model.
QUEUE = "train"


class Hanging(AppConfig):
    name = "tests.worker.hanging"

    def ready(self) -> None:
        from engine import dispatch
        from engine.models import RunKind

        dispatch.ROUTES[RunKind.PROPAGATE] = dispatch.Route("worker.tasks.propagate", QUEUE, patience=1.0)
        hanging: Any = ModuleType("worker.propagate")
        hanging.propagate = lambda work: time.sleep(3600)
        sys.modules["worker.propagate"] = hanging
