"""Is an object missing? One question for each video."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api.filters import refuse_unknown
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.api.serializers import InputSerializer
from engine.models import MaskletStatus, Role
from verification.models import CoverageAnswer
from verification.services import coverage


class CoverageAnswerSerializer(serializers.ModelSerializer[CoverageAnswer]):
    person = serializers.CharField(source="person.username")

    class Meta:
        model = CoverageAnswer
        fields = ["id", "missing", "masklet", "masklet_count", "person", "created_at"]
        read_only_fields = fields


class CoveredMaskletSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    object_id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    status = serializers.ChoiceField(MaskletStatus.choices)


class CoverageSerializer(serializers.Serializer[Any]):
    masklets = CoveredMaskletSerializer(many=True)
    answers = CoverageAnswerSerializer(many=True, help_text="newest first")


class CoverageSummarySerializer(serializers.Serializer[Any]):
    videos = serializers.IntegerField()
    complete = serializers.IntegerField(help_text="nothing was missing, by the newest answer")
    missing = serializers.IntegerField(help_text="an object was missing, by the newest answer")
    next = serializers.IntegerField(allow_null=True, help_text="a video that nobody was asked about yet")
    answers = serializers.IntegerField()


class CoverageInput(InputSerializer):
    missing = serializers.BooleanField()
    frame_idx = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=10**6)
    x = serializers.FloatField(required=False, allow_null=True, help_text="pixels of the stored frame")
    y = serializers.FloatField(required=False, allow_null=True)
    label = serializers.CharField(max_length=120, allow_blank=True, default="")  # type: ignore[assignment]


class CoverageView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="videos_coverage", responses=CoverageSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What the question is about, and how it was answered (owners and reviewers)."""
        video = coverage.ask(actor=person(request), video_id=pk)
        refuse_unknown(request)
        answers = CoverageAnswer.objects.filter(video=video).select_related("person")[:50]
        return Response(CoverageSerializer({"masklets": coverage.shown(video), "answers": answers}).data)

    @extend_schema(
        operation_id="videos_coverage_answer",
        request=CoverageInput,
        responses={201: CoverageAnswerSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Nothing is missing; or something is, and this click begins its masklet."""
        answer = coverage.answer(actor=person(request), video_id=pk, **valid(CoverageInput, request))
        return Response(CoverageAnswerSerializer(answer).data, status=201)


class CoverageSummaryView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="coverage_summary", responses=CoverageSummarySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How many videos were asked about, and the next one (owners and reviewers)."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        access.require(person(request), project.pk, Role.OWNER, Role.REVIEWER)
        return Response(CoverageSummarySerializer(coverage.summary(project.pk)).data)
