"""Who may see and do what inside a project. What is not yours looks like what never existed."""

from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from engine.errors import NotAllowed, NotFound
from engine.models import (
    Masklet,
    MaskletStatus,
    Membership,
    Project,
    Prompt,
    Revision,
    Role,
    Run,
    Transition,
    Video,
)

#: Of these a reviewer sees nothing but what they review, where a project reviews blindly.
WITHHELD = (MaskletStatus.IN_VERIFICATION, MaskletStatus.ACCEPTED, MaskletStatus.REJECTED)

M = TypeVar("M", bound=models.Model)


def visible(rows: "models.QuerySet[M]", user: User | AnonymousUser) -> "models.QuerySet[M]":
    """Those of `rows` (of a model with a `project`) that exist for `user`; what is in the bin does not."""
    mine = rows.filter(project__in=Project.objects.visible_to(user))
    if rows.model is Video:
        return mine.filter(removed_at__isnull=True)
    return mine.filter(removed=False) if rows.model is Masklet else mine


def masklets(rows: "QuerySet[Masklet]", user: User | AnonymousUser) -> "QuerySet[Masklet]":
    """Those of `rows` that `user` may look at: all for owners; for others not what people are measured against,
    unless they had a hand in it, nor in a project of blind reviews what they could tell a known answer by."""
    pk = user.pk
    if pk is None:
        return rows.none()
    owned = _owned(user).values("pk")
    withheld = Q(probed=True)
    if blind := blind_projects(user):
        withheld |= Q(project__in=blind, status__in=WITHHELD)
    return visible(rows, user).filter(~withheld | Q(project__in=owned) | had_a_hand(pk))


def _owned(user: User | AnonymousUser) -> "QuerySet[Project]":
    """Who came by a token owns what that one says."""
    mine = Project.objects.visible_to(user).filter(
        memberships__user_id=user.pk or 0, memberships__role=Role.OWNER
    )
    scope = getattr(user, "scope", None)
    return mine.none() if scope and scope.role != Role.OWNER else mine


def runs(rows: "QuerySet[Run]", user: User | AnonymousUser) -> "QuerySet[Run]":
    """Those of `rows` that `user` may look at: not of masklets that they may not."""
    if user.pk is None:
        return rows.none()
    rows = visible(rows, user)
    if not blind_projects(user) and not Masklet.objects.filter(probed=True).exists():
        return rows
    return rows.filter(Q(masklet__isnull=True) | Q(masklet__in=masklets(Masklet.objects.all(), user)))


def blind_projects(user: User | AnonymousUser) -> list[int]:
    """Where `user` reviews blindly: those are no owners there."""
    mine = Membership.objects.filter(user_id=user.pk or 0, role=Role.REVIEWER, project__blind_review=True)
    owned = Membership.objects.filter(user_id=user.pk or 0, role=Role.OWNER, project=OuterRef("project"))
    return list(mine.exclude(Exists(owned)).values_list("project", flat=True))


def had_a_hand(person_id: int) -> Q:
    """Masklets that the person chose, prompted, made masks of, or submitted."""
    submitted = Transition.objects.filter(
        subject_type="masklet",
        subject_id=OuterRef("pk"),
        actor=person_id,
        from_status=MaskletStatus.ANNOTATING,
        to_status=MaskletStatus.IN_VERIFICATION,
    )
    return (
        Q(created_by=person_id)
        | Q(Exists(Prompt.objects.filter(masklet=OuterRef("pk"), actor=person_id)))
        | Q(Exists(Revision.objects.filter(masklet=OuterRef("pk"), actor=person_id)))
        | Q(Exists(submitted))
    )


def find_masklet(rows: "QuerySet[Masklet]", user: User | AnonymousUser, pk: Any) -> Masklet:
    """The masklet `pk` of `rows` if `user` may look at it; `NotFound` otherwise."""
    masklet = masklets(rows, user).filter(pk=pk).first()
    if masklet is None:
        raise NotFound
    return masklet


def find_run(user: User | AnonymousUser, pk: Any) -> Run:
    """The run, where `user` may see it. Raises `NotFound`, also for other projects' runs."""
    run = runs(Run.objects.all(), user).filter(pk=pk).first()
    if run is None:
        raise NotFound
    return run


def find(rows: "models.QuerySet[M]", user: User | AnonymousUser, pk: Any) -> M:
    """The row `pk` of `rows` if it exists for `user`; `NotFound` otherwise."""
    row = visible(rows, user).filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def find_project(user: User | AnonymousUser, pk: Any) -> Project:
    """The project, where `user` is a member. Raises `NotFound`."""
    project = Project.objects.visible_to(user).filter(pk=pk).first()
    if project is None:
        raise NotFound
    return project


def require(user: User, project_id: int, *roles: Role) -> None:
    """Refuse unless `user` has one of `roles` in the project: `NotFound` to strangers, `NotAllowed` to members."""
    mine = Project(pk=project_id).roles_of(user)
    if not mine:
        raise NotFound
    if not mine & set(roles):
        wanted = " or ".join(role.label.lower() for role in roles)
        raise NotAllowed(f"This needs the role {wanted} in this project. Ask an owner for it.")
