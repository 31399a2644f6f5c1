from django.urls import path

from annotation import api

urlpatterns = [
    path("videos/<int:pk>/masklets/", api.ObjectsView.as_view()),
    path("projects/<int:pk>/queue/annotation/next/", api.NextView.as_view()),
    path("masklets/<int:pk>/claim/", api.ClaimView.as_view()),
    path("masklets/<int:pk>/prompts/", api.PromptsView.as_view()),
    path("masklets/<int:pk>/propagate/", api.PropagateView.as_view()),
    path("masklets/<int:pk>/restore/", api.RestoreView.as_view()),
    path("assignments/<int:pk>/heartbeat/", api.HeartbeatView.as_view()),
    path("assignments/<int:pk>/submit/", api.SubmitView.as_view()),
    path("assignments/<int:pk>/hand-back/", api.HandBackView.as_view()),
    path("assignments/<int:pk>/discard/", api.DiscardView.as_view()),
]
