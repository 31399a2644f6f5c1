"""Personal API tokens: how one is made, shown once, used and taken back."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from engine import access
from engine.errors import NotAllowed, NotFound, WrongState
from engine.models import ApiToken, AuditKind, Project, Role
from engine.services import audit

PREFIX = "mlp_"  #: so that secret scanners and people know what they found
MOST = 20  #: in force at once, of one person in one project
LONGEST = 366  #: days
USED_AGAIN_AFTER = timedelta(minutes=1)


def listed(*, actor: User, project: Project) -> QuerySet[ApiToken]:
    """One's own; an owner sees everybody's."""
    rows = ApiToken.objects.filter(project=project).select_related("user")
    return rows if Role.OWNER in project.roles_of(actor) else rows.filter(user=actor)


@transaction.atomic
def create(*, actor: User, project: Project, name: str, role: str, days: int) -> tuple[ApiToken, str]:
    """A token and its secret, which is never shown again. Nobody gives a program more than they have."""
    access.require(actor, project.pk, *Role)
    if role not in project.roles_of(actor):
        raise NotAllowed(
            f"You are no {Role(role).label.lower()} of this project, so a token of yours is none."
        )
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if ApiToken.objects.in_force().filter(user=actor, project=project).count() >= MOST:
        raise WrongState(f"You have {MOST} tokens in this project. Revoke one that nothing uses any more.")
    if ApiToken.objects.in_force().filter(user=actor, project=project, name=name).exists():
        raise WrongState(f"You have a token called {name} already. Revoke it, or choose another name.")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=actor,
        project=project,
        role=role,
        name=name,
        sha256=_hash(secret),
        begins=secret[:10],
        expires_at=timezone.now() + timedelta(days=days),
    )
    after = {"role": role, "days": days}
    audit.record(AuditKind.TOKEN_CREATED, actor=actor, subject=token, project_id=project.pk, after=after)
    return token, secret


@transaction.atomic
def revoke(*, actor: User, project: Project, token_id: int) -> None:
    """From now on nobody gets in by it. One's own, or as an owner anybody's."""
    rows = listed(actor=actor, project=project).select_for_update(of=("self",))
    token = rows.filter(pk=token_id, revoked_at__isnull=True).first()
    if token is None:
        raise NotFound
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=Now())
    before = {"role": token.role, "person": token.user.username}
    audit.record(AuditKind.TOKEN_REVOKED, actor=actor, subject=token, project_id=project.pk, before=before)


def bearer(secret: str) -> User | None:
    """Whose token this is, as a person who sees one project in one role (`scope`); None where it opens nothing."""
    found = ApiToken.objects.in_force().filter(sha256=_hash(secret)).select_related("user").first()
    if found is None:
        return None
    stale = Q(used_at__isnull=True) | Q(used_at__lt=Now() - USED_AGAIN_AFTER)
    ApiToken.objects.filter(stale, pk=found.pk).update(used_at=Now())
    person = found.user
    person.scope = found  # type: ignore[attr-defined]
    return person


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
