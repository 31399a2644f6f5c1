from django.urls import path

from annotation.api import desk, effort, experiments, phases, queue

urlpatterns = [
    path("phases/", phases.PhasesView.as_view()),
    path("videos/<int:pk>/masklets/", desk.ObjectsView.as_view()),
    path("projects/<int:pk>/queue/annotation/", queue.QueueView.as_view()),
    path("projects/<int:pk>/queue/annotation/next/", queue.NextView.as_view()),
    path("projects/<int:pk>/effort/", effort.EffortView.as_view()),
    path("projects/<int:pk>/effort/csv/", effort.EffortCsvView.as_view()),
    path("projects/<int:pk>/effort/mine/", effort.OwnEffortView.as_view()),
    path("projects/<int:pk>/experiments/", experiments.ExperimentsView.as_view()),
    path("experiments/<int:pk>/", experiments.ExperimentView.as_view()),
    path("masklets/<int:pk>/claim/", desk.ClaimView.as_view()),
    path("masklets/<int:pk>/assign/", queue.AssignView.as_view()),
    path("masklets/<int:pk>/target/", experiments.TargetView.as_view()),
    path("masklets/<int:pk>/prompts/", desk.PromptsView.as_view()),
    path("masklets/<int:pk>/propagate/", desk.PropagateView.as_view()),
    path("masklets/<int:pk>/restore/", desk.RestoreView.as_view()),
    path("assignments/<int:pk>/heartbeat/", desk.HeartbeatView.as_view()),
    path("assignments/<int:pk>/effort/", effort.TellView.as_view()),
    path("assignments/<int:pk>/submit/", desk.SubmitView.as_view()),
    path("assignments/<int:pk>/hand-back/", desk.HandBackView.as_view()),
    path("assignments/<int:pk>/discard/", desk.DiscardView.as_view()),
]
