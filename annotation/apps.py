from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"

    def ready(self) -> None:
        from annotation import pace, rollups
        from annotation.services import queue
        from engine import janitor
        from engine.services import canaries, triggers

        canaries.effort_of, triggers.effort_trend = pace.seconds_per_frame, pace.trend

        janitor.register("silent annotators' masklets were given back to the queue", queue.lapse_expired)
        janitor.register("sums of effort were folded", rollups.fold, every=janitor.HOUSEWORK_EVERY)
        janitor.register(
            "rows of Table 1 were set right", rollups.check_next, every=janitor.CHECK_EVERY, slow=True
        )
