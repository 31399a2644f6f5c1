"""Controlled experiments: the same objects under each phase, by different people, assigned and balanced here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import cycle

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from annotation.models import Experiment, Target, Trial
from engine import access
from engine.errors import InvalidInput
from engine.models import Masklet, Membership, Project, Role
from engine.models.project import PHASES
from engine.services import masklets as engine_masklets, revisions
from vos import rle
from vos.rle import Rle

Groups = Mapping[int, Sequence[str]]  # usernames by phase


@transaction.atomic
def create(
    *, actor: User, project: Project, name: str, masklets: Collection[int], groups: Groups | None = None
) -> Experiment:
    """Each object of `masklets` becomes a masklet in every phase, kept for somebody of the phase's group. Without
    `groups` the project's annotators are divided. Raises `InvalidInput`."""
    access.require(actor, project.pk, Role.OWNER)
    objects = _objects(project, masklets)
    people = _checked(project, groups) if groups is not None else divided(project)
    try:
        with transaction.atomic():
            experiment = Experiment.objects.create(project=project, name=name, created_by=actor)
    except IntegrityError as error:
        raise InvalidInput(
            f"This project has an experiment called {name} already. Choose another name."
        ) from error
    turns = {phase: cycle(people[phase]) for phase in PHASES}
    for masklet in objects:
        assert masklet.revision is not None
        target = Target.objects.create(
            experiment=experiment, revision=masklet.revision, frame_idx=_shown_on(masklet)
        )
        for phase in PHASES:
            _make_trial(target, masklet, phase=phase, person=next(turns[phase]), actor=actor)
    return experiment


def divided(project: Project) -> dict[int, list[User]]:
    """The project's annotators in three disjoint groups of nearly one size; those who are trained for few phases
    are placed first. Raises `InvalidInput` where a phase would have nobody."""
    groups: dict[int, list[User]] = {phase: [] for phase in PHASES}
    members = sorted(_annotators(project).values(), key=lambda one: (len(one.phases), one.user.username))
    for member in members:
        phase = min(member.phases, key=lambda phase: (len(groups[phase]), phase))
        groups[phase].append(member.user)
    return _nobody_missing(groups)


def target_mask(masklet: Masklet) -> tuple[int, Rle] | None:
    """Which object a trial means: a frame and the mask on it. None for masklets that are no trials."""
    trial = Trial.objects.filter(masklet=masklet).select_related("target__revision").first()
    if trial is None:
        return None
    target = trial.target
    stored = revisions.load(target.revision, video=masklet.video)
    frame = stored["frames"][str(target.frame_idx)]
    return target.frame_idx, {"size": stored["size"], "counts": frame["counts"]}


def _objects(project: Project, pks: Collection[int]) -> list[Masklet]:
    found = Masklet.objects.filter(project=project, pk__in=pks, trial=False).select_related(
        "revision", "video"
    )
    if not pks or found.count() != len(set(pks)):
        raise InvalidInput("Choose objects of this project, at least one, each of them once.")
    objects = list(found.order_by("id"))
    for masklet in objects:
        if masklet.revision is None:
            raise InvalidInput(
                f"Object {masklet.object_id} of {masklet.video} has no mask yet, so nobody could tell which "
                "one is meant."
            )
    return objects


def _shown_on(masklet: Masklet) -> int:
    """The frame on which the object is pointed out: the first that a person prompted and that shows it."""
    stored = revisions.load(masklet.revision, video=masklet.video)
    assert masklet.revision is not None
    shown = sorted(
        int(idx)
        for idx, frame in stored["frames"].items()
        if rle.area({"size": stored["size"], "counts": frame["counts"]})
    )
    if not shown:
        raise InvalidInput(f"Object {masklet.object_id} of {masklet.video} is absent on every frame.")
    prompted = [idx for idx in shown if idx in masklet.revision.edited_frames]
    return (prompted or shown)[0]


def _make_trial(target: Target, masklet: Masklet, *, phase: int, person: User, actor: User) -> None:
    made = engine_masklets.create(
        masklet.video, actor=actor, label=masklet.label, phase=phase, trial=True, assigned_to=person
    )
    Trial.objects.create(target=target, masklet=made, phase=phase)


def _annotators(project: Project) -> dict[str, Membership]:
    members = Membership.objects.filter(project=project, role=Role.ANNOTATOR, user__is_active=True)
    return {member.user.username: member for member in members.select_related("user")}


def _checked(project: Project, groups: Groups) -> dict[int, list[User]]:
    annotators = _annotators(project)
    named = [name for names in groups.values() for name in names]
    if len(set(named)) != len(named):
        raise InvalidInput("Nobody may be in two groups: who has seen an object knows it.")
    for phase, names in groups.items():
        for name in names:
            if name not in annotators or phase not in annotators[name].phases:
                raise InvalidInput(
                    f"{name} is no annotator of this project who is trained for phase {phase}."
                )
    return _nobody_missing(
        {phase: [annotators[name].user for name in groups.get(phase, [])] for phase in PHASES}
    )


def _nobody_missing(groups: dict[int, list[User]]) -> dict[int, list[User]]:
    for phase, people in groups.items():
        if not people:
            raise InvalidInput(
                f"Phase {phase} has nobody. An experiment needs three annotators at least, one for each phase."
            )
    return groups
