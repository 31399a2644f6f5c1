from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count, QuerySet
from django_filters.rest_framework import FilterSet, MultipleChoiceFilter, NumberFilter
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.filters import KnownFilters, refuse_unknown
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.errors import InvalidInput
from engine.models import (
    Candidate,
    CandidateSource,
    Fate,
    Masklet,
    MaskletStatus,
    Project,
    Run,
    RunKind,
    Video,
)
from engine.services import candidate_policy, candidates, generation, mining


class CandidateFilter(FilterSet):
    project = NumberFilter(field_name="masklet__project_id")
    video = NumberFilter(field_name="masklet__video_id")
    status = MultipleChoiceFilter(field_name="masklet__status", choices=MaskletStatus.choices)
    fate = MultipleChoiceFilter(choices=Fate.choices)
    source = MultipleChoiceFilter(choices=CandidateSource.choices)


class CandidatesView(generics.ListAPIView[Candidate]):
    permission_classes = [SignedIn]
    serializer_class = s.CandidateSerializer
    filter_backends = [KnownFilters]
    filterset_class = CandidateFilter

    def get_queryset(self) -> QuerySet[Candidate]:
        mine = access.masklets(Masklet.objects.all(), self.request.user)
        return Candidate.objects.filter(masklet__in=mine).select_related("masklet__revision")


class GenerationView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_generation", responses=s.GenerationEstimateSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What looking for the objects of all videos that nobody has looked through would take."""
        project = access.find_project(request.user, pk)
        return Response(s.GenerationEstimateSerializer(generation.estimate(project)).data)

    @extend_schema(
        operation_id="projects_generate",
        request=s.GenerationInput,
        responses={202: s.GenerationsStartedSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Let SAM 2 look for the objects of some videos, or of all that nobody has looked through (owners)."""
        project = access.find_project(request.user, pk)
        form = valid(s.GenerationInput, request)
        runs = generation.start(actor=person(request), project=project, **form)
        left = generation.estimate(project, form.get("videos")).videos
        return Response(s.GenerationsStartedSerializer({"runs": runs, "left": left}).data, status=202)


class VideoGenerationView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="videos_generation", responses=s.VideoGenerationSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How far SAM 2 has looked through this video, and what came of it."""
        video = access.find(Video.objects.select_related("project"), request.user, pk)
        newest = Run.objects.filter(video=video, kind=RunKind.GENERATE).select_related("actor")
        ended = newest.filter(result__has_key="coverage").first()
        shown = access.masklets(Masklet.objects.filter(video=video), request.user)
        fates = Candidate.objects.filter(masklet__in=shown).order_by().values_list("fate")
        body = {
            "run": newest.first(),
            "estimate": generation.estimate(video.project, [video.pk]),
            "coverage": ended.result["coverage"] if ended else None,
            "fates": dict(fates.annotate(Count("pk"))),
        }
        return Response(s.VideoGenerationSerializer(body).data)


class CandidatePolicyView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_candidate_policy", responses=s.CandidatePolicySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Where candidates are cut off, and what the verdicts say about other places."""
        return Response(_policy(access.find_project(request.user, pk)))

    @extend_schema(
        operation_id="projects_change_candidate_policy",
        request=s.CandidatePolicyInput,
        responses=s.CandidatePolicySerializer,
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change some of it (owners). The threshold counts for what was proposed before, too, up to 500 candidates."""
        project = access.find_project(request.user, pk)
        candidate_policy.change(
            actor=person(request), project=project, **valid(s.CandidatePolicyInput, request)
        )
        return Response(_policy(project, moved=candidates.cut_again(actor=person(request), project=project)))


class BringBackView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="candidates_bring_back",
        request=s.CandidatesInput,
        responses=s.CandidateSerializer(many=True),
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Send filtered candidates to the reviewers after all (owners); all or none."""
        project = access.find_project(request.user, pk)
        ids = valid(s.CandidatesInput, request)["masklets"]
        return Response(_rows(candidates.bring_back(actor=person(request), project=project, ids=ids)))


class DismissView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="candidates_dismiss",
        request=s.CandidatesInput,
        responses=s.CandidateSerializer(many=True),
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Take candidates from the reviewers (owners); all or none."""
        project = access.find_project(request.user, pk)
        ids = valid(s.CandidatesInput, request)["masklets"]
        return Response(_rows(candidates.dismiss(actor=person(request), project=project, ids=ids)))


class FailuresView(APIView):
    permission_classes = [SignedIn]
    most = 200

    @extend_schema(
        operation_id="projects_failures",
        responses=s.FailuresMinedSerializer,
        parameters=[OpenApiParameter("reason", str, enum=list(mining.REASONS))],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Where SAM 2 is weak in this project, the worst first; at most 200 places."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request, "reason")
        reason = request.query_params.get("reason")
        if reason is not None and reason not in mining.REASONS:
            raise InvalidInput(f"{reason[:50]} is no reason. Reasons are: {', '.join(mining.REASONS)}.")
        found = mining.failures(project)
        mine = access.masklets(Masklet.objects.filter(project=project), request.user)
        may_see = set(mine.values_list("pk", flat=True))
        ranked = [failure for failure in found.ranked if failure.masklet.pk in may_see]
        shown = [failure for failure in ranked if reason in (None, failure.reason)][: self.most]
        counts = Counter(failure.reason for failure in ranked)
        return Response(s.FailuresMinedSerializer({"failures": shown, "counts": counts}).data)


def _policy(project: Project, moved: int = 0) -> Any:
    state = candidate_policy.state(project)
    return s.CandidatePolicySerializer({**vars(state), "moved": moved}).data


def _rows(masklets: list[Any]) -> Any:
    pks = [masklet.pk for masklet in masklets]
    rows = Candidate.objects.filter(masklet__in=pks).select_related("masklet__revision")
    return s.CandidateSerializer(rows, many=True).data
