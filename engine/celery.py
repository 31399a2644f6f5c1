"""The doorbell: Celery carries a run's id to a worker and nothing else; the truth is the run's row.

Queues, and what each is for:

* ``ingest``: decoding; minutes; any number of processes.
* ``export``: writing releases; minutes; any number of processes, none of which a decoder holds up.
* ``gpu``: propagation and other long model work; one process per device, pool ``solo``.
* ``live``: one click, one mask; a person is waiting; its own process, so that no propagation is in front of it.
* ``train``: retraining; hours; its own process at low priority, so that no propagation waits behind it.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engine.settings.production")

MODEL_QUEUES = {"gpu", "live", "train"}

app = Celery("maskloop")
app.conf.update(
    broker_url=settings.REDIS_URL,
    # Longer than any run's lease; a redelivered message is refused by the run's row anyway.
    # The two restore settings matter: by default a lost worker's messages come back after 94 s, with these after 6 s.
    broker_transport_options={
        "visibility_timeout": 3600,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    },
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    result_backend=None,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    task_acks_late=False,
    imports=("worker.tasks",),
)


@celeryd_init.connect
def require_solo_pool(sender: str, conf: Any, options: dict[str, Any], **_: Any) -> None:
    """A worker that holds a model runs one task at a time in its own process, or not at all."""
    queues = options.get("queues") or ()
    names = set(queues.split(",") if isinstance(queues, str) else queues)
    if names & MODEL_QUEUES and "solo" not in str(options.get("pool")):
        raise SystemExit(
            f"The queues {sorted(names & MODEL_QUEUES)} hold a model on the device: start this worker with --pool solo."
        )
