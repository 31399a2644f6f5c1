import getpass
import sys
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from engine.services import people


class Command(BaseCommand):
    help = "Add a person who can sign in. The password is asked for, or read from standard input."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username")
        parser.add_argument("full_name", nargs="?", default="")

    def handle(self, *args: Any, username: str, full_name: str, **options: Any) -> None:
        if User.objects.filter(username=username).exists():
            raise CommandError(f"There is somebody called {username} already.")
        try:
            people.create_person(username=username, full_name=full_name, password=_password())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{username} can sign in, make projects, and be added to others by their owners.")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("The same again: "):
        raise CommandError("The two passwords differ. Nobody was added.")
    return password
