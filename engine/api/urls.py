from django.urls import path

from engine.api.views import masklets, projects, releases, runs, sessions, uploads, videos

urlpatterns = [
    path("session/", sessions.SessionView.as_view()),
    path("projects/", projects.ProjectsView.as_view()),
    path("projects/<int:pk>/", projects.ProjectView.as_view()),
    path("projects/<int:pk>/members/", projects.MembersView.as_view()),
    path("projects/<int:pk>/checkpoints/", projects.CheckpointsView.as_view()),
    path("projects/<int:pk>/uploads/", uploads.UploadsView.as_view()),
    path("projects/<int:pk>/releases/", releases.ReleasesView.as_view()),
    path("videos/", videos.VideosView.as_view()),
    path("videos/<int:pk>/", videos.VideoView.as_view()),
    path("videos/<int:pk>/frames/", videos.FramesView.as_view()),
    path("uploads/<int:pk>/", uploads.UploadView.as_view()),
    path("uploads/<int:pk>/parts/", uploads.PartsView.as_view()),
    path("uploads/<int:pk>/complete/", uploads.CompleteView.as_view()),
    path("masklets/", masklets.MaskletsView.as_view()),
    path("masklets/<int:pk>/", masklets.MaskletView.as_view()),
    path("masklets/<int:pk>/masks/", masklets.MasksView.as_view()),
    path("masklets/<int:pk>/revisions/", masklets.RevisionsView.as_view()),
    path("runs/", runs.RunsView.as_view()),
    path("runs/<int:pk>/", runs.RunView.as_view()),
    path("runs/<int:pk>/cancel/", runs.CancelView.as_view()),
    path("releases/<int:pk>/", releases.ReleaseView.as_view()),
    path("releases/<int:pk>/freeze/", releases.FreezeView.as_view()),
    path("releases/<int:pk>/export/", releases.ExportView.as_view()),
]
