"""Who may see and do what inside a project. What is not yours looks like what never existed."""

from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.db import models

from engine.errors import NotAllowed, NotFound
from engine.models import Project, Role

M = TypeVar("M", bound=models.Model)


def visible(rows: "models.QuerySet[M]", user: User | AnonymousUser) -> "models.QuerySet[M]":
    """Those of `rows` (of a model with a `project`) that exist for `user`."""
    return rows.filter(project__in=Project.objects.visible_to(user))


def find(rows: "models.QuerySet[M]", user: User | AnonymousUser, pk: Any) -> M:
    """The row `pk` of `rows` if it exists for `user`; `NotFound` otherwise."""
    row = visible(rows, user).filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def find_project(user: User | AnonymousUser, pk: Any) -> Project:
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
