from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "verification"

    def ready(self) -> None:
        from engine import janitor
        from engine.services import masklets, preverifiers, store
        from verification.services import (
            automatic,
            gold,
            last_verdicts,
            opinions,
            preverifier,
            probes,
            queue,
            reception,
            rounds,
            sizes,
        )

        masklets.last_verdicts = last_verdicts.of
        masklets.on_submit(reception.receive)
        masklets.on_submit(preverifier.look_first)
        store.name_masks(gold.names)
        preverifiers.on_score(preverifier.place)
        preverifiers.on_look(opinions.note)
        janitor.register("silent reviewers' masklets were freed for another", queue.lapse_expired)
        janitor.register(
            "rounds waited for reviewers who are not there",
            rounds.settle_stuck,
            every=janitor.HOUSEWORK_EVERY,
        )
        janitor.register("probes were scored", probes.score_waiting, every=10.0, slow=True)
        janitor.register("judged masklets were measured", sizes.measure, every=10.0, slow=True)
        janitor.register("masklets were decided without people", automatic.decide_all)
        janitor.register(
            "submitted masklets that the pre-verifier had missed were asked for",
            preverifiers.ask_for_missed,
            every=janitor.HOUSEWORK_EVERY,
        )
        janitor.register(
            "known answers that the pre-verifier had missed were asked for",
            opinions.ask_for_missed,
            every=janitor.HOUSEWORK_EVERY,
        )
