from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine import access
from engine.errors import InvalidInput, NotAllowed, NotFound, WrongState
from engine.models import AuditKind, Checkpoint, CheckpointStatus, Masklet, Membership, Project, Role, Video
from engine.services import audit


@transaction.atomic
def create_project(
    *, actor: User, name: str, description: str = "", fps: float = 24.0, annotate_every: int = 4
) -> Project:
    """A project whose creator has every role, with the installation's checkpoint active."""
    if getattr(actor, "scope", None):
        raise NotAllowed("A token is good for its own project. Make a new one as yourself.")
    project = Project.objects.create(
        name=name, description=description, fps=fps, annotate_every=annotate_every
    )
    Membership.objects.bulk_create(Membership(project=project, user=actor, role=role) for role in Role)
    Checkpoint.objects.create(project=project, name="default", location="", status=CheckpointStatus.ACTIVE)
    audit.record(AuditKind.PROJECT_CREATED, actor=actor, subject=project, project_id=project.pk)
    return project


@transaction.atomic
def change_project(*, actor: User, project: Project, **values: Any) -> Project:
    """New values for some fields. The phase is that of objects that are chosen from now on."""
    access.require(actor, project.pk, Role.OWNER)
    # What another owner changed a moment ago is what it was before.
    stored = _lock(project)
    audit.change(
        AuditKind.PROJECT_CHANGED, project, values, actor=actor, project_id=project.pk, stored=stored
    )
    return project


@transaction.atomic
def set_batch_phase(*, actor: User, project: Project, videos: Collection[int], phase: int | None) -> None:
    """The phase of objects that are chosen in these videos from now on; None: the project's."""
    access.require(actor, project.pk, Role.OWNER)
    batch = Video.objects.filter(project=project, pk__in=videos)
    were = dict(batch.select_for_update(no_key=True).order_by("pk").values_list("pk", "phase"))
    if len(were) != len(set(videos)):
        raise NotFound
    batch.update(phase=phase)
    changed = {pk: was for pk, was in were.items() if was != phase}
    if changed:
        audit.record(
            AuditKind.VIDEOS_PHASE,
            actor=actor,
            name=f"{len(changed)} of its videos",
            project_id=project.pk,
            before={_phase(was): [pk for pk in changed if changed[pk] == was] for was in changed.values()},
            after={_phase(phase): list(changed)},
        )


@transaction.atomic
def set_masklet_phase(*, actor: User, masklet_id: int, phase: int) -> Masklet:
    """The phase of one masklet, as long as nobody has begun it."""
    masklet = access.find_masklet(
        Masklet.objects.select_for_update(of=("self",), no_key=True), actor, masklet_id
    )
    access.require(actor, masklet.project_id, Role.OWNER)
    if masklet.trial or masklet.prompts.exists():
        raise WrongState(f"This masklet was begun in phase {masklet.phase} and remembers it.")
    audit.change(
        AuditKind.MASKLET_PHASE, masklet, {"phase": phase}, actor=actor, project_id=masklet.project_id
    )
    return masklet


@transaction.atomic
def change_member(*, actor: User, project: Project, membership_id: int, **values: Any) -> Membership:
    """Say which `phases` an annotator is trained for, whether a reviewer is `senior`, and of what share of an
    annotator's work somebody looks at (`look_share`; None: as the project's policy has it)."""
    access.require(actor, project.pk, Role.OWNER)
    if "phases" in values:
        values["phases"] = sorted(set(values["phases"]))
    members = project.memberships.select_related("user").select_for_update(of=("self",), no_key=True)
    membership = members.filter(pk=membership_id).first()
    if membership is None:
        raise NotFound
    audit.change(
        AuditKind.MEMBER_CHANGED if set(values) - {"phases"} else AuditKind.MEMBER_TRAINED,
        membership,
        values,
        actor=actor,
        project_id=project.pk,
        subject=membership.user,
    )
    return membership


@transaction.atomic
def remove_member(*, actor: User, project: Project, membership_id: int) -> None:
    """Take a role away; a person without one is no member. The last owner stays.

    What they hold runs out within two minutes, and masklets that were kept for them are anybody's.
    """
    access.require(actor, project.pk, Role.OWNER)
    _lock(project)  # two owners do not remove each other
    membership = project.memberships.select_related("user").filter(pk=membership_id).first()
    if membership is None:
        raise NotFound
    owners = project.memberships.filter(role=Role.OWNER)
    if membership.role == Role.OWNER and owners.count() == 1:
        raise WrongState("A project has an owner. Make somebody else one before you remove the last.")
    membership.delete()
    if not project.memberships.filter(user=membership.user_id).exists():
        Masklet.objects.filter(project=project, assigned_to=membership.user_id).update(assigned_to=None)
    before = {"role": membership.role}
    if membership.role == Role.OWNER:  # and nobody comes in on the word of one who is none any more
        project.invitations.filter(invited_by=membership.user).delete()
    _note_member(AuditKind.MEMBER_REMOVED, membership, actor=actor, before=before, after={})


@transaction.atomic
def add_member(*, actor: User, project: Project, username: str, role: str) -> Membership:
    """A member who was not asked, as commands on the servers make them; owners invite (engine.services.invitations)."""
    access.require(actor, project.pk, Role.OWNER)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise InvalidInput(f"Nobody here is called {username}. Ask them for their user name.")
    membership, is_new = Membership.objects.get_or_create(project=project, user=user, role=role)
    if is_new:
        _note_member(AuditKind.MEMBER_ADDED, membership, actor=actor, before={}, after={"role": role})
    return membership


def _note_member(
    kind: AuditKind, membership: Membership, *, actor: User, before: audit.Facts, after: audit.Facts
) -> None:
    audit.record(
        kind,
        actor=actor,
        subject=membership.user,
        project_id=membership.project_id,
        before=before,
        after=after,
    )


def _lock(project: Project) -> Project:
    """The project as it is now, until the transaction ends nobody else's to change."""
    return Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def _phase(phase: int | None) -> str:
    return f"phase {phase}" if phase else "the project's phase"
