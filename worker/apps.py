from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "worker"

    def ready(self) -> None:
        # Every process that runs Django comes through here: nothing below may import torch or av.
        from engine import janitor
        from worker.inference import fold

        janitor.register("propagations that had lost their worker were folded", fold.fold_ended)
