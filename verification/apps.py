from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "verification"

    def ready(self) -> None:
        from engine import janitor
        from engine.services import masklets
        from verification.services import probes, queue, reception, rounds, sizes

        masklets.on_submit(reception.receive)
        janitor.register("silent reviewers' masklets were freed for another", queue.lapse_expired)
        janitor.register(
            "rounds waited for reviewers who are not there",
            rounds.settle_stuck,
            every=janitor.HOUSEWORK_EVERY,
        )
        janitor.register("probes were scored", probes.score_waiting, every=10.0, slow=True)
        janitor.register("judged masklets were measured", sizes.measure, every=10.0, slow=True)
