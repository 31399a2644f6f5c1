from django.urls import path

from verification import api, bulk_api

urlpatterns = [
    path("projects/<int:pk>/queue/review/next/", api.NextView.as_view()),
    path("projects/<int:pk>/candidates/verdicts/", bulk_api.VerdictsView.as_view()),
    path("masklets/<int:pk>/review/", api.ReviewView.as_view()),
    path("masklets/<int:pk>/reopen/", api.ReopenView.as_view()),
    path("reviews/<int:pk>/heartbeat/", api.HeartbeatView.as_view()),
    path("reviews/<int:pk>/give-back/", api.GiveBackView.as_view()),
    path("reviews/<int:pk>/verdict/", api.VerdictView.as_view()),
    path("verdicts/<int:pk>/undo/", api.UndoView.as_view()),
]
