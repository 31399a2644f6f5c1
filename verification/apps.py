from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "verification"

    def ready(self) -> None:
        from engine import janitor
        from verification.services import queue

        janitor.register("silent reviewers' masklets were freed for another", queue.lapse_expired)
