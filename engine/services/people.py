"""The people of an installation: made, given another password, and shut out."""

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from engine.errors import InvalidInput


@transaction.atomic
def create_person(*, username: str, full_name: str, password: str) -> User:
    """A person who can sign in. Raises Django's `ValidationError` for a password that is too weak."""
    first_name, _, last_name = full_name.partition(" ")
    person = User(username=username, first_name=first_name, last_name=last_name)
    validate_password(password, person)
    person.set_password(password)
    person.save(force_insert=True)
    return person


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


def deactivate(person: User) -> None:
    """Shut `person` out: no session of theirs works from now on. What they made stays theirs."""
    person.is_active = False
    person.save(update_fields=["is_active"])


def reactivate(person: User) -> None:
    person.is_active = True
    person.save(update_fields=["is_active"])
