from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.db import transaction


@transaction.atomic
def create_person(*, username: str, full_name: str, password: str) -> User:
    """A person who can sign in. Raises Django's `ValidationError` for a password that is too weak."""
    first_name, _, last_name = full_name.partition(" ")
    person = User(username=username, first_name=first_name, last_name=last_name)
    validate_password(password, person)
    person.set_password(password)
    person.save(force_insert=True)
    return person
