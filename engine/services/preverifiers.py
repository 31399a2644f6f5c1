"""Pre-verifiers: what looked at a revision before people did, what people said then, and which version looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.db.models.functions import Now

from engine import access, lifecycle
from engine.errors import InvalidInput, RunInProgress, TooManyRuns
from engine.models import (
    AuditKind,
    Masklet,
    Preverifier,
    PreverifierScore,
    PreverifierStatus,
    Project,
    Role,
    Run,
    RunKind,
)
from engine.preverification import Figures, Params, Place
from engine.run_kinds import VerifyParams
from engine.services import audit, runs

FEWEST_VERDICTS = 20  #: to fit a version on
MISSED_AT_ONCE = 100  #: masklets that one round of the janitor asks for
_AT_ONCE = 50  #: scores that are written at once


#: What the rooms upstairs do with a masklet's new score, inside its transaction.
_ON_SCORE: list[Callable[[PreverifierScore], None]] = []


def on_score(react: Callable[[PreverifierScore], None]) -> None:
    """Let `react` know of each score that a waiting masklet gets."""
    _ON_SCORE.append(react)


#: The same with what was thought of masks that are no revision's: (masklet, where they are stored, places).
_ON_LOOK: list[Callable[[int, str, list[Place]], None]] = []


def on_look(react: Callable[[int, str, list[Place]], None]) -> None:
    """Let `react` know of each look at other masks than a masklet's own."""
    _ON_LOOK.append(react)


def _tell(score: PreverifierScore) -> None:
    for react in _ON_SCORE:
        react(score)


def active(project_id: int) -> Preverifier | None:
    """The version that looks at this project's masklets; None where the prior does."""
    return Preverifier.objects.filter(project=project_id, status=PreverifierStatus.ACTIVE).first()


def ask(masklet: Masklet) -> Run | None:
    """Have a submitted masklet looked at. No submit fails for it: None where that is under way already, or the project
    has too many runs."""
    return look_at(masklet, [])


def look_at(masklet: Masklet, masks: Sequence[str]) -> Run | None:
    """The same for what the store holds at `masks`, in place of the masklet's own."""
    with suppress(RunInProgress, TooManyRuns):
        return runs.request(
            kind=RunKind.VERIFY,
            actor=None,
            project_id=masklet.project_id,
            masklet=masklet,
            params=VerifyParams(list(masks)),
        )
    return None


def ask_for_missed() -> int:
    """A duty of the janitor: what waits and nobody asked to look at since, because the project had too many runs, or
    because it came back while its former masks were looked at."""
    asked = Run.objects.filter(
        kind=RunKind.VERIFY, masklet=OuterRef("pk"), created_at__gte=OuterRef("updated_at")
    )
    scored = PreverifierScore.objects.filter(revision=OuterRef("revision"))
    missed = (
        Masklet.objects.to_verify()
        .filter(probe=False)
        .exclude(Exists(scored))
        .exclude(Exists(asked))
        .order_by("updated_at")
    )
    return sum(ask(masklet) is not None for masklet in missed[:MISSED_AT_ONCE])


def fit(*, actor: User, project: Project) -> Run:
    """Fit a new version on what people have said; it looks from then on if it is better. Raises `InvalidInput`."""
    access.require(actor, project.pk, Role.OWNER)
    said = PreverifierScore.objects.judged().filter(project=project).count()
    if said < FEWEST_VERDICTS:
        raise InvalidInput(
            f"A version is fitted on {FEWEST_VERDICTS} verdicts or more about masklets that the pre-verifier saw "
            f"before; there are {said}.",
            verdicts=said,
        )
    return runs.request(kind=RunKind.FIT_PREVERIFIER, actor=actor, project_id=project.pk, project=project)


@transaction.atomic
def record_score(run: Run, *, revision_id: int, version: Preverifier | None, **values: Any) -> None:
    """What a run thought of the revision that it looked at. A judged one keeps what was thought before."""
    runs.hold(run)
    _hold_masklets([run.masklet_id])
    fields = {"project_id": run.project_id, "masklet_id": run.masklet_id, "preverifier": version}
    score, new = PreverifierScore.objects.get_or_create(revision_id=revision_id, defaults=fields | values)
    waits = PreverifierScore.objects.waiting().filter(pk=score.pk)
    if new or waits.update(preverifier=version, **values):
        _tell(score if new else waits.get())
    runs.succeed(run, {"wrong": values["wrong"]})


@transaction.atomic
def record_look(run: Run, *, masks: str, places: list[Place]) -> None:
    """What a run thought of masks that are no revision's."""
    runs.hold(run)
    assert run.masklet_id is not None
    for react in _ON_LOOK:
        react(run.masklet_id, masks, places)


def record_verdict(*, revision_id: int, kind: str) -> None:
    """Inside the transaction of a person's verdict: it says something about whoever looked before."""
    scores = PreverifierScore.objects.waiting().filter(revision=revision_id)
    scores.update(verdict=kind, judged_at=Now())


def forget_verdict(*, revision_id: int) -> None:
    """Inside the transaction that takes the verdict back."""
    PreverifierScore.objects.filter(revision=revision_id).update(verdict="", judged_at=None)


def evidence(project_id: int, version: Preverifier | None) -> list[PreverifierScore]:
    """What people said about masklets that `version` (None: the prior) had scored before, in the order in which they
    said it."""
    said = PreverifierScore.objects.judged().filter(project=project_id, preverifier=version)
    return list(said.order_by("judged_at", "id").defer("places", "signals"))


def evidence_count(project_id: int, version: Preverifier | None) -> int:
    return PreverifierScore.objects.judged().filter(project=project_id, preverifier=version).count()


@transaction.atomic
def record_version(run: Run, *, params: Params, fitted_on: int, figures: Figures) -> Preverifier:
    """What a fit left: a candidate."""
    runs.hold(run)
    # Locked, so that two fits get two numbers.
    Project.objects.select_for_update(no_key=True).get(pk=run.project_id)
    last = Preverifier.objects.filter(project=run.project_id).aggregate(last=Max("number", default=0))["last"]
    made, _ = Preverifier.objects.get_or_create(
        run=run,
        defaults={
            "project_id": run.project_id,
            "number": last + 1,
            "params": params,
            "fitted_on": fitted_on,
            "figures": figures,
        },
    )
    return made


@transaction.atomic
def promote(run: Run, candidate: Preverifier) -> None:
    """A fit has shown that its version is better: it looks from now on."""
    runs.hold(run)
    former = active(run.project_id)
    if former is not None:
        why = f"version {candidate.number} is better"
        lifecycle.change(former, PreverifierStatus.RETIRED, actor=run.actor, reason=why)
    lifecycle.change(candidate, PreverifierStatus.ACTIVE, actor=run.actor)
    audit.record(
        AuditKind.PREVERIFIER_PROMOTED,
        actor=run.actor or "pre-verifier",
        subject=candidate,
        project_id=run.project_id,
        before={"preverifier": str(former) if former else None},
        after={"preverifier": str(candidate)},
    )


def score_anew(run: Run, version: Preverifier, wrong: Iterable[tuple[int, float]]) -> None:
    """What waits for a verdict, (id of the score, chance) each, as `version` sees it."""
    chunk: list[tuple[int, float]] = []
    for each in wrong:
        chunk.append(each)
        if len(chunk) == _AT_ONCE:
            _write(run, version, chunk)
            chunk = []
    _write(run, version, chunk)


def _hold_masklets(ids: Iterable[int | None]) -> None:
    """Lock masklets before their scores, as whoever gives a verdict does."""
    list(Masklet.objects.select_for_update(no_key=True).filter(pk__in=list(ids)).order_by("pk").values("pk"))


@transaction.atomic
def _write(run: Run, version: Preverifier, chunk: Sequence[tuple[int, float]]) -> None:
    runs.hold(run)
    scores = PreverifierScore.objects.filter(pk__in=[pk for pk, _ in chunk])
    _hold_masklets(scores.values_list("masklet", flat=True))
    for pk, wrong in chunk:
        waits = PreverifierScore.objects.waiting().filter(pk=pk)
        if waits.update(preverifier=version, wrong=wrong):
            _tell(waits.select_related("masklet").get())
