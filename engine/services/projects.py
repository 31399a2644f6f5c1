from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine import access
from engine.errors import InvalidInput, NotFound, WrongState
from engine.models import Checkpoint, CheckpointStatus, Masklet, Membership, Project, Role, Video


@transaction.atomic
def create_project(
    *, actor: User, name: str, description: str = "", fps: float = 24.0, annotate_every: int = 4
) -> Project:
    """A project whose creator has every role, with the installation's checkpoint active."""
    project = Project.objects.create(
        name=name, description=description, fps=fps, annotate_every=annotate_every
    )
    Membership.objects.bulk_create(Membership(project=project, user=actor, role=role) for role in Role)
    Checkpoint.objects.create(project=project, name="default", location="", status=CheckpointStatus.ACTIVE)
    return project


def change_project(*, actor: User, project: Project, **values: Any) -> Project:
    """New values for some fields. The phase is that of objects that are chosen from now on."""
    access.require(actor, project.pk, Role.OWNER)
    for name, value in values.items():
        setattr(project, name, value)
    project.save(update_fields=list(values))
    return project


def set_batch_phase(*, actor: User, project: Project, videos: Collection[int], phase: int | None) -> None:
    """The phase of objects that are chosen in these videos from now on; None: the project's."""
    access.require(actor, project.pk, Role.OWNER)
    batch = Video.objects.filter(project=project, pk__in=videos)
    if batch.count() != len(set(videos)):
        raise NotFound
    batch.update(phase=phase)


@transaction.atomic
def set_masklet_phase(*, actor: User, masklet_id: int, phase: int) -> Masklet:
    """The phase of one masklet, as long as nobody has begun it."""
    masklet = access.find(Masklet.objects.select_for_update(of=("self",), no_key=True), actor, masklet_id)
    access.require(actor, masklet.project_id, Role.OWNER)
    if masklet.trial or masklet.prompts.exists():  # type: ignore[attr-defined]
        raise WrongState(f"This masklet was begun in phase {masklet.phase} and remembers it.")
    masklet.phase = phase
    masklet.save(update_fields=["phase"])
    return masklet


def train_member(*, actor: User, project: Project, membership_id: int, phases: Collection[int]) -> Membership:
    """Say which phases an annotator is trained for."""
    access.require(actor, project.pk, Role.OWNER)
    membership = project.memberships.select_related("user").filter(pk=membership_id).first()
    if membership is None:
        raise NotFound
    membership.phases = sorted(set(phases))
    membership.save(update_fields=["phases"])
    return membership


@transaction.atomic
def remove_member(*, actor: User, project: Project, membership_id: int) -> None:
    """Take a role away; a person without one is no member. The last owner stays.

    What they hold runs out within two minutes, and masklets that were kept for them are anybody's.
    """
    access.require(actor, project.pk, Role.OWNER)
    Project.objects.select_for_update().get(pk=project.pk)  # two owners do not remove each other
    membership = project.memberships.filter(pk=membership_id).first()
    if membership is None:
        raise NotFound
    owners = project.memberships.filter(role=Role.OWNER)
    if membership.role == Role.OWNER and owners.count() == 1:
        raise WrongState("A project has an owner. Make somebody else one before you remove the last.")
    membership.delete()
    if not project.memberships.filter(user=membership.user_id).exists():
        Masklet.objects.filter(project=project, assigned_to=membership.user_id).update(assigned_to=None)


def add_member(*, actor: User, project: Project, username: str, role: str) -> Membership:
    access.require(actor, project.pk, Role.OWNER)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise InvalidInput(f"Nobody here is called {username}. Ask them for their user name.")
    membership, _ = Membership.objects.get_or_create(project=project, user=user, role=role)
    return membership
