"""Six builds that break one promise each. The product knows nothing of this: an app that replaces its functions."""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.apps import AppConfig
from django.conf import settings

NARROW = 0.3  #: seconds by which a broken build holds open the window that a promise closes
LATE = 8.0  #: seconds after which an upload that was acknowledged is put together


class Broken(AppConfig):
    name = "benchmarks.faults"
    label = "broken"

    def ready(self) -> None:
        # Only benchmarks.faults.settings has it.
        BREAKAGES[settings.BROKEN]()  # type: ignore[misc]


def _no_fencing() -> None:
    """Whoever once held a run or a masklet may write as if they still did."""
    from engine import leases, lifecycle
    from engine.errors import LeaseLost
    from engine.models import Run, RunStatus
    from engine.services import runs

    change = lifecycle.change

    def without_token(subject: Any, to_status: str, *, where: Any = None, **values: Any) -> None:
        kept = {name: value for name, value in (where or {}).items() if name != "token"}
        change(subject, to_status, where=kept, **values)

    def hold(kind: Any, *, masklet: Any, person: Any, token: str) -> Any:
        lease = kind.objects.filter(masklet=masklet, person=person, ended_at__isnull=True).first()
        if lease is None:
            raise LeaseLost
        lease.masklet = masklet
        return lease

    lifecycle.change = without_token
    leases.hold = hold  # type: ignore[assignment]
    runs._held = lambda run: Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING)


def _no_compare_and_set() -> None:
    """A status is read, and later written whatever it has become meanwhile."""
    from engine import lifecycle
    from engine.models import Transition

    def change(
        subject: Any, to_status: str, *, actor: Any, reason: str = "", where: Any = None, **values: Any
    ) -> None:
        before = subject.status
        time.sleep(NARROW)
        type(subject)._default_manager.filter(pk=subject.pk).update(status=to_status, **values)
        Transition.objects.create(
            subject_type=subject._meta.model_name,
            subject_id=subject.pk,
            from_status=before,
            to_status=to_status,
            actor=actor,
            reason=reason,
        )
        subject.refresh_from_db(fields=["status", *values])

    lifecycle.change = change


def _told_before_stored() -> None:
    """A mask is shown before it is persisted."""
    from worker.inference import propagate
    from worker.inference.predict import mask_event

    persist = propagate.Propagation._persist

    def tell_first(self: Any, found: Any, passed: int) -> None:
        self.work.tell("mask", mask_event(found))
        time.sleep(NARROW / 3)
        persist(self, found, passed)

    propagate.Propagation._persist = tell_first  # type: ignore[method-assign]


def _leases_never_expire() -> None:
    """Nobody looks after runs whose worker is gone."""
    from engine.services import runs

    runs.requeue_abandoned = runs.ring_again = lambda: 0
    runs.requeue_of = lambda slot: 0


def _upload_acknowledged_early() -> None:
    """An upload is called complete while its parts are still to be put together."""
    from engine import storage

    finish = storage.finish_upload

    def later(key: str, upload_id: str, parts: list[dict[str, Any]]) -> None:
        threading.Timer(LATE, finish, (key, upload_id, parts)).start()

    storage.finish_upload = later


def forget_key(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def answer(request: Any) -> Any:
        request.META.pop("HTTP_IDEMPOTENCY_KEY", None)
        return get_response(request)

    return answer


BREAKAGES: dict[str, Callable[[], None]] = {
    "no_fencing": _no_fencing,
    "no_compare_and_set": _no_compare_and_set,
    "told_before_stored": _told_before_stored,
    "leases_never_expire": _leases_never_expire,
    "upload_acknowledged_early": _upload_acknowledged_early,
    "idempotency_keys_ignored": lambda: None,  # see settings.py
}
