from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "verification"

    def ready(self) -> None:
        from engine import janitor
        from engine.services import preverifiers
        from verification.services import automatic, queue

        janitor.register("silent reviewers' masklets were freed for another", queue.lapse_expired)
        janitor.register("masklets were decided without people", automatic.decide_all)
        janitor.register(
            "submitted masklets that the pre-verifier had missed were asked for",
            preverifiers.ask_for_missed,
            every=janitor.HOUSEWORK_EVERY,
        )
