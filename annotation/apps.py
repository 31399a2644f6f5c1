from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"

    def ready(self) -> None:
        from annotation.services import queue
        from engine import janitor

        janitor.register("silent annotators' masklets were given back to the queue", queue.lapse_expired)
