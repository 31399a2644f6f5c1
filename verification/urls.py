from django.urls import path

from verification import api, preverifier_api

urlpatterns = [
    path("projects/<int:pk>/queue/review/next/", api.NextView.as_view()),
    path("masklets/<int:pk>/review/", api.ReviewView.as_view()),
    path("masklets/<int:pk>/reopen/", api.ReopenView.as_view()),
    path("reviews/<int:pk>/heartbeat/", api.HeartbeatView.as_view()),
    path("reviews/<int:pk>/give-back/", api.GiveBackView.as_view()),
    path("reviews/<int:pk>/verdict/", api.VerdictView.as_view()),
    path("verdicts/<int:pk>/undo/", api.UndoView.as_view()),
    path("projects/<int:pk>/preverifier/", preverifier_api.PreverifierView.as_view()),
    path("projects/<int:pk>/preverifier/fits/", preverifier_api.FitsView.as_view()),
    path("projects/<int:pk>/preverifier/automatic/", preverifier_api.AutomaticView.as_view()),
    path("masklets/<int:pk>/preverifier/", preverifier_api.OpinionView.as_view()),
]
