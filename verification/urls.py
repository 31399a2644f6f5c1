from django.urls import path

from verification.api import candidates, coverage, decisions, gold, policies, quality, reviews

urlpatterns = [
    path("projects/<int:pk>/queue/review/next/", reviews.NextView.as_view()),
    path("projects/<int:pk>/review-policy/", policies.ReviewPolicyView.as_view()),
    path("projects/<int:pk>/candidates/verdicts/", candidates.VerdictsView.as_view()),
    path("projects/<int:pk>/escalated/", decisions.EscalatedView.as_view()),
    path("projects/<int:pk>/gold/", gold.ProjectGoldView.as_view()),
    path("projects/<int:pk>/reviewers/", gold.ReviewersView.as_view()),
    path("projects/<int:pk>/reviewers/let-in/", gold.LetInView.as_view()),
    path("projects/<int:pk>/agreement/", quality.AgreementView.as_view()),
    path("projects/<int:pk>/verification/", quality.VerificationView.as_view()),
    path("projects/<int:pk>/verification/csv/", quality.VerificationCsvView.as_view()),
    path("projects/<int:pk>/coverage/", coverage.CoverageSummaryView.as_view()),
    path("videos/<int:pk>/coverage/", coverage.CoverageView.as_view()),
    path("masklets/<int:pk>/review/", reviews.ClaimView.as_view()),
    path("masklets/<int:pk>/verdicts/", decisions.VerdictsView.as_view()),
    path("masklets/<int:pk>/history/", decisions.HistoryView.as_view()),
    path("masklets/<int:pk>/decide/", decisions.DecideView.as_view()),
    path("masklets/<int:pk>/reopen/", decisions.ReopenView.as_view()),
    path("masklets/<int:pk>/bring-back/", decisions.BringBackView.as_view()),
    path("masklets/<int:pk>/gold/", gold.MaskletGoldView.as_view()),
    path("masklets/<int:pk>/probe/", gold.MaskletProbeView.as_view()),
    path("reviews/<int:pk>/resume/", reviews.ReviewView.as_view()),
    path("reviews/<int:pk>/masks/", reviews.MasksView.as_view()),
    path("reviews/<int:pk>/previous/", reviews.PreviousView.as_view()),
    path("reviews/<int:pk>/heartbeat/", reviews.HeartbeatView.as_view()),
    path("reviews/<int:pk>/give-back/", reviews.GiveBackView.as_view()),
    path("reviews/<int:pk>/verdict/", reviews.VerdictView.as_view()),
    path("verdict-reasons/", reviews.ReasonsView.as_view()),
    path("verdicts/<int:pk>/undo/", reviews.UndoView.as_view()),
]
