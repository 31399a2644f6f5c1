"""The audit ledger: the one writer of its entries, and whether its chains are whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, models, transaction

from engine.models import AuditEntry, AuditKind

OPERATOR = "operator"  #: whoever typed a command on the servers
JANITOR = "janitor"
MASKLOOP = "maskloop"  #: a policy that an owner set
FIRST = "0" * 64
_LOCK = 0x61756469  #: PostgreSQL's advisory locks have two numbers; this one means the audit ledger

Facts = Mapping[str, Any]  #: words, whole numbers, truths and lists of them, by name


def record(
    kind: AuditKind,
    *,
    actor: User | str,
    subject: models.Model | None = None,
    name: str | None = None,
    project_id: int | None = None,
    before: Facts | None = None,
    after: Facts | None = None,
    reason: str = "",
) -> AuditEntry:
    """Add to the project's chain, or without one to the installation's, in the transaction that makes the change.

    `actor` is a person, or the word for a machine. `name` is what the subject is called, if not what `str` says.
    Whoever else would write to the same chain waits until this transaction ends, so record last.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An audit entry belongs into the change's transaction.")
    previous, at = _take_the_end(project_id)
    entry = AuditEntry(
        project_id=project_id,
        number=previous.number + 1 if previous else 1,
        at=at,
        actor=actor if isinstance(actor, User) else None,
        actor_name=_called(actor),
        kind=kind,
        subject_type=(subject._meta.model_name or "") if subject else "",
        subject_id=subject.pk if subject else None,
        subject=(name if name is not None else str(subject or ""))[:255],
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason,
        previous=previous.sha256 if previous else FIRST,
    )
    entry.sha256 = digest(entry)
    entry.save(force_insert=True)
    return entry


def _called(actor: User | str) -> str:
    """A person's name; who came by a token is known by that, too."""
    if isinstance(actor, str):
        return actor
    scope = getattr(actor, "scope", None)
    return f"{actor.username} by token {scope.name}"[:150] if scope else actor.username


def change(
    kind: AuditKind,
    row: models.Model,
    values: Facts,
    *,
    actor: User | str,
    project_id: int,
    subject: models.Model | None = None,
    stored: models.Model | None = None,
) -> None:
    """Save other values of some fields of `row`, and record those that are other than before, if any are.

    `stored` is the row as it was, where `row` may be older; `subject` what the entry is about, if not the row.
    """
    were = stored or row
    before = {name: getattr(were, name) for name, value in values.items() if getattr(were, name) != value}
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    if before:
        after = {name: values[name] for name in before}
        record(
            kind,
            actor=actor,
            subject=subject or row,
            project_id=project_id,
            before=before,
            after=after,
        )


def _take_the_end(project_id: int | None) -> tuple[AuditEntry | None, datetime]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, (project_id or 0) % 2**31])
        # A statement of its own: what the transaction before committed is only seen after the lock was given.
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    assert row is not None
    (at,) = row
    return AuditEntry.objects.filter(project=project_id).order_by("-number").first(), at


def digest(entry: AuditEntry) -> str:
    """SHA-256 of everything the entry says, with the hash of the one before it, as canonical JSON: keys sorted, no
    spaces, UTF-8, the time in UTC to the microsecond."""
    said = {
        "project": entry.project_id,
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "kind": str(entry.kind),
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
        "previous": entry.previous,
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Chain:
    """What a look at a whole chain found."""

    project_id: int | None
    entries: int
    head: str  #: hash of the last entry: noted elsewhere, it also shows that the end was cut off
    broken_at: int | None = None  #: `number` of the first entry that is not what was written there

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def verify(project_id: int | None) -> Chain:
    """Follow a chain from its first entry; all of them are read and hashed."""
    count, head, broken_at = 0, FIRST, None
    for entry in AuditEntry.objects.filter(project=project_id).order_by("number").iterator():
        count += 1
        fits = entry.number == count and entry.previous == head and entry.sha256 == digest(entry)
        if not fits and broken_at is None:
            broken_at = count
        head = entry.sha256
    return Chain(project_id, count, head, broken_at)


def verify_all() -> Iterator[Chain]:
    """Every chain, the installation's first."""
    yield verify(None)
    projects = AuditEntry.objects.filter(project__isnull=False).order_by("project")
    for project_id in projects.values_list("project", flat=True).distinct():
        yield verify(project_id)
