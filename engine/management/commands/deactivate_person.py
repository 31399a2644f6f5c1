from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from engine.services import people


class Command(BaseCommand):
    help = "Shut somebody out of this installation: their sessions end and they cannot sign in."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username")
        parser.add_argument("--undo", action="store_true", help="let them in again")

    def handle(self, *args: Any, username: str, undo: bool, **options: Any) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"Nobody here is called {username}.")
        if undo:
            people.reactivate(person)
            self.stdout.write(f"{username} can sign in again.")
        else:
            people.deactivate(person)
            self.stdout.write(f"{username} is signed out everywhere and cannot sign in.")
