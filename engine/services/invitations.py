"""How somebody comes into a project: an owner invites, and they say yes or no. Only then there is a membership."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from engine import access
from engine.errors import InvalidInput, NotFound, WrongState
from engine.models import AuditKind, Invitation, Membership, Project, Role
from engine.services import audit

MOST = 200  #: that wait for an answer in one project


def pending(*, actor: User, project: Project) -> QuerySet[Invitation]:
    """What waits for an answer, for owners."""
    access.require(actor, project.pk, Role.OWNER)
    return Invitation.objects.filter(project=project).select_related("invited_by")


def addressed_to(person: User) -> QuerySet[Invitation]:
    """The invitations that this person has not answered."""
    return Invitation.objects.filter(username=person.username).select_related("project", "invited_by")


@transaction.atomic
def invite(*, actor: User, project: Project, username: str, role: str) -> Invitation:
    """Ask `username` into the project; who is invited to that role already is not invited twice.

    Nobody looks whether there is such a person, so neither answer nor time tells. Raises `InvalidInput` for who has
    the role, which owners see anyway, and `WrongState` where too many wait.
    """
    access.require(actor, project.pk, Role.OWNER)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if Membership.objects.filter(project=project, user__username=username, role=role).exists():
        raise InvalidInput(f"{username} is {Role(role).label.lower()} of this project already.")
    known = Invitation.objects.filter(project=project, username=username, role=role).first()
    if known is not None:
        return known
    if Invitation.objects.filter(project=project).count() >= MOST:
        raise WrongState(f"{MOST} invitations wait for an answer. Withdraw some before you invite others.")
    made = Invitation.objects.create(project=project, username=username, role=role, invited_by=actor)
    _note(AuditKind.MEMBER_INVITED, made, actor=actor)
    return made


@transaction.atomic
def withdraw(*, actor: User, project: Project, invitation_id: int) -> None:
    """Take an invitation back (owners). Raises `NotFound`."""
    access.require(actor, project.pk, Role.OWNER)
    _end(Invitation.objects.filter(project=project), invitation_id, AuditKind.INVITATION_WITHDRAWN, actor)


@transaction.atomic
def decline(*, actor: User, invitation_id: int) -> None:
    """Answer an invitation of one's own with no. Raises `NotFound`."""
    _end(addressed_to(actor), invitation_id, AuditKind.INVITATION_DECLINED, actor)


@transaction.atomic
def accept(*, actor: User, invitation_id: int) -> Membership:
    """Answer an invitation of one's own with yes; the membership. Raises `NotFound`."""
    invitation = _take(addressed_to(actor), invitation_id)
    project, role = invitation.project, invitation.role
    membership, is_new = Membership.objects.get_or_create(project=project, user=actor, role=role)
    after = {"role": role, "invited_by": invitation.invited_by.username}
    invitation.delete()
    if is_new:
        audit.record(AuditKind.MEMBER_ADDED, actor=actor, subject=actor, project_id=project.pk, after=after)
    return membership


def _take(rows: QuerySet[Invitation], pk: int) -> Invitation:
    """Whose answer comes second, to an invitation that another took back, finds none."""
    found = rows.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _end(rows: QuerySet[Invitation], pk: int, kind: AuditKind, actor: User) -> None:
    invitation = _take(rows, pk)
    _note(kind, invitation, actor=actor)
    invitation.delete()


def _note(kind: AuditKind, invitation: Invitation, *, actor: User) -> None:
    audit.record(
        kind,
        actor=actor,
        subject=invitation,
        project_id=invitation.project_id,
        after={"role": invitation.role},
    )
