import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from engine import database
from engine.services import audit


class Command(BaseCommand):
    help = (
        "Follow every chain of the audit ledger and hash each entry anew. Tells each chain's last hash: note them "
        "elsewhere, and a later run shows whether the end was cut off. The last line is one JSON object; the exit "
        "status is 1 if anything is not what was written there."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        chains = list(audit.verify_all())
        for chain in chains:
            name = f"project {chain.project_id}" if chain.project_id else "installation"
            state = "whole" if chain.whole else f"broken at entry {chain.broken_at}"
            self.stdout.write(f"{name}: {chain.entries} entries, {state}, last hash {chain.head}")
        if database.may_rewrite_ledgers():
            self.stdout.write(
                "The role in DATABASE_URL could put the triggers aside and rewrite the ledgers. Give the application "
                "a role of its own: see MIGRATION_DATABASE_URL in docs/operations.md."
            )
        broken = sum(not chain.whole for chain in chains)
        entries = sum(chain.entries for chain in chains)
        self.stdout.write(json.dumps({"chains": len(chains), "entries": entries, "broken": broken}))
        if broken:
            sys.exit(1)
