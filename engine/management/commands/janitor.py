import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from engine import janitor


class Command(BaseCommand):
    help = "Watch over leases, lost messages and abandoned uploads until stopped."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--once", action="store_true", help="make one round and stop")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        if once:
            janitor.make_round()
            janitor.make_round(janitor.SLOW_DUTIES)
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        janitor.run_forever(stop)
