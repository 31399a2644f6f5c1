from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from engine import database


class Command(migrate.Command):
    help = f"{migrate.Command.help} As MIGRATION_DATABASE_URL says, which then grants the application's role."

    def handle(self, *args: Any, **options: Any) -> None:
        with database.as_owner():
            refuse_half_migrated()
            super().handle(*args, **options)
            database.grant()


def refuse_half_migrated() -> None:
    """A squashed migration stands for all of its old ones or for none; their files are gone. Django would pass over the
    whole app in silence. Raises `CommandError` with the first that is missing."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    for squashed in MigrationLoader(None).replacements.values():
        missing = [old for old in squashed.replaces if old not in applied]
        if missing and len(missing) < len(squashed.replaces):
            raise CommandError(
                f"This database stands before {'.'.join(missing[0])}, which is a part of {squashed.name} now. Migrate "
                "it with the version of Maskloop that has that migration, and then with this one. Nothing was changed."
            )
