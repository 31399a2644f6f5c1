from django.apps import AppConfig

TRIGGERS_EVERY = 10.0  #: seconds


class EngineConfig(AppConfig):
    name = "engine"

    def ready(self) -> None:
        import engine.api.schema  # noqa: F401  drf-spectacular finds its extensions by import
        from engine import janitor
        from engine.services import (
            canaries,
            counts,
            idempotency,
            ingest,
            masklets,
            people,
            precedence,
            removals,
            runs,
            store,
            triggers,
        )

        masklets.on_submit(precedence.note)
        housework = janitor.HOUSEWORK_EVERY
        janitor.register("runs whose worker was lost were given back to the queue", runs.requeue_abandoned)
        janitor.register("queued runs were rung for again", runs.ring_again)
        janitor.register("abandoned uploads were swept", ingest.sweep_abandoned_uploads, every=housework)
        janitor.register("projects were retrained or promoted", triggers.look_after_all, every=TRIGGERS_EVERY)
        janitor.register("canaries ended", canaries.look_at_all, every=housework, slow=True)
        janitor.register("sessions that ran out were dropped", people.drop_expired_sessions, every=housework)
        janitor.register("counts of projects were folded", counts.fold, every=housework)
        janitor.register("counts were set right", counts.check_next, every=janitor.CHECK_EVERY, slow=True)
        janitor.register(
            "candidates were withdrawn, as people drew the same object",
            precedence.withdraw_drawn,
            every=10.0,
            slow=True,
        )
        janitor.register("orphans were removed", store.sweep_some, every=housework, slow=True)
        janitor.register("things in the bin were emptied", removals.empty_some, every=housework, slow=True)
        janitor.register("old idempotency records were dropped", idempotency.drop_old, every=housework)
