from typing import Any

from django.core.management.commands import migrate

from engine import database


class Command(migrate.Command):
    help = f"{migrate.Command.help} As MIGRATION_DATABASE_URL says, which then grants the application's role."

    def handle(self, *args: Any, **options: Any) -> None:
        with database.as_owner():
            super().handle(*args, **options)
            database.grant()
