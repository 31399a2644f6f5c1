from django.urls import path

from engine.api import views

urlpatterns = [
    path("session/", views.SessionView.as_view()),
    path("projects/", views.ProjectsView.as_view()),
    path("projects/<int:pk>/", views.ProjectView.as_view()),
    path("projects/<int:pk>/members/", views.MembersView.as_view()),
    path("projects/<int:pk>/checkpoints/", views.CheckpointsView.as_view()),
    path("projects/<int:pk>/uploads/", views.UploadsView.as_view()),
    path("projects/<int:pk>/releases/", views.ReleasesView.as_view()),
    path("videos/", views.VideosView.as_view()),
    path("videos/<int:pk>/", views.VideoView.as_view()),
    path("videos/<int:pk>/frames/", views.FramesView.as_view()),
    path("uploads/<int:pk>/", views.UploadView.as_view()),
    path("uploads/<int:pk>/parts/", views.PartsView.as_view()),
    path("uploads/<int:pk>/complete/", views.CompleteView.as_view()),
    path("masklets/", views.MaskletsView.as_view()),
    path("masklets/<int:pk>/", views.MaskletView.as_view()),
    path("masklets/<int:pk>/masks/", views.MasksView.as_view()),
    path("masklets/<int:pk>/revisions/", views.RevisionsView.as_view()),
    path("runs/", views.RunsView.as_view()),
    path("runs/<int:pk>/", views.RunView.as_view()),
    path("runs/<int:pk>/cancel/", views.CancelView.as_view()),
    path("releases/<int:pk>/", views.ReleaseView.as_view()),
    path("releases/<int:pk>/freeze/", views.FreezeView.as_view()),
    path("releases/<int:pk>/export/", views.ExportView.as_view()),
]
