"""The people of an installation: made, given another password, and shut out."""

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now

from engine.errors import InvalidInput
from engine.models import AuditKind, Session
from engine.services import audit


@transaction.atomic
def create_person(*, username: str, full_name: str, password: str) -> User:
    """A person who can sign in. Raises Django's `ValidationError` for a password that is too weak."""
    first_name, _, last_name = full_name.partition(" ")
    person = User(username=username, first_name=first_name, last_name=last_name)
    validate_password(password, person)
    person.set_password(password)
    person.save(force_insert=True)
    audit.record(AuditKind.PERSON_ADDED, actor=audit.OPERATOR, subject=person)
    return person


@transaction.atomic
def change_password(person: User, *, current: str, password: str) -> None:
    """Another password for `person`; every session of theirs ends with the old one."""
    if not person.check_password(current):
        raise InvalidInput("The current password is wrong. Nothing was changed.")
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from error
    person.set_password(password)
    person.save(update_fields=["password"])
    audit.record(AuditKind.PASSWORD_CHANGED, actor=person, subject=person)


def deactivate(person: User) -> None:
    """Shut `person` out: no session of theirs works from now on. What they made stays theirs."""
    _set_active(person, False, AuditKind.PERSON_DEACTIVATED)


def reactivate(person: User) -> None:
    """Let a person in again who was locked out."""
    _set_active(person, True, AuditKind.PERSON_REACTIVATED)


@transaction.atomic
def _set_active(person: User, active: bool, kind: AuditKind) -> None:
    if User.objects.filter(pk=person.pk, is_active=not active).update(is_active=active):
        audit.record(kind, actor=audit.OPERATOR, subject=person)
    if not active:
        Session.objects.filter(user=person).delete()
    person.is_active = active


def count_other_sessions(person: User, session_key: str | None) -> int:
    """In how many browsers besides the one of `session_key` the person is signed in."""
    others = Session.objects.filter(user=person, expire_date__gt=Now()).exclude(pk=session_key)
    return others.count()


@transaction.atomic
def end_other_sessions(person: User, session_key: str | None) -> None:
    """Sign the person out everywhere but in the browser of `session_key`."""
    ended, _ = Session.objects.filter(user=person).exclude(pk=session_key).delete()
    if ended:
        audit.record(AuditKind.SESSIONS_ENDED, actor=person, subject=person, before={"sessions": ended})


def drop_expired_sessions() -> int:
    """The janitor's: sessions that ran out."""
    dropped, _ = Session.objects.filter(expire_date__lt=Now()).delete()
    return dropped
