"""The pre-verifier's counter: how good it is, a new version, and what it may decide without people."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.api.serializers import InputSerializer, RunSerializer, RunStartedSerializer
from engine.models import Preverifier, PreverifierScore, PreverifierStatus
from engine.services import preverifiers
from verification.bound import THRESHOLDS
from verification.models import AutomaticVerdicts
from verification.services import automatic, preverifier
from vos.metrics import SIZES

PASS_BELOW = sorted(THRESHOLDS)
RETURN_ABOVE = sorted(1 - at for at in THRESHOLDS)


class PreverifierComparedSerializer(serializers.Serializer[Any]):
    loss = serializers.FloatField()
    auc = serializers.FloatField()


class PreverifierFiguresSerializer(serializers.Serializer[Any]):
    verdicts = serializers.IntegerField(help_text="about videos that no version is fitted on")
    better = serializers.BooleanField()
    note = serializers.CharField()
    former = PreverifierComparedSerializer(allow_null=True)
    candidate = PreverifierComparedSerializer(allow_null=True)


class PreverifierVersionSerializer(serializers.ModelSerializer[Preverifier]):
    status = serializers.ChoiceField(PreverifierStatus.choices)
    figures = PreverifierFiguresSerializer()

    class Meta:
        model = Preverifier
        fields = ["id", "number", "status", "fitted_on", "figures", "created_at"]
        read_only_fields = fields


class AutomaticVerdictsSerializer(serializers.ModelSerializer[AutomaticVerdicts]):
    allowed_by = serializers.CharField(source="allowed_by.username", default="")

    class Meta:
        model = AutomaticVerdicts
        fields = [
            "passing", "returning", "precision", "people_share", "pass_below", "return_above", "allowed_by", "ended_at",
            "ended_because",
        ]  # fmt: skip
        read_only_fields = fields


class RocPointSerializer(serializers.Serializer[Any]):
    false_alarms = serializers.FloatField()
    caught = serializers.FloatField()


class CalibrationBinSerializer(serializers.Serializer[Any]):
    chance = serializers.FloatField()
    wrong = serializers.FloatField()
    verdicts = serializers.IntegerField()


class TradeoffSerializer(serializers.Serializer[Any]):
    passed = serializers.FloatField(help_text="share of masklets")
    precision = serializers.FloatField(help_text="share of these that people found satisfactory")
    below = serializers.FloatField(help_text="the chance below which they lie")


class SizeAucSerializer(serializers.Serializer[Any]):
    size = serializers.ChoiceField(SIZES)
    verdicts = serializers.IntegerField()
    unsatisfactory = serializers.IntegerField()
    auc = serializers.FloatField(allow_null=True)


class PreverifierThresholdSerializer(serializers.Serializer[Any]):
    threshold = serializers.FloatField()
    verdicts = serializers.IntegerField()
    right = serializers.IntegerField()
    lower = serializers.FloatField(
        help_text="the least precision that one may be sure of, whenever one looks"
    )
    share = serializers.FloatField(help_text="of all masklets")


class PreverifierThresholdsSerializer(serializers.Serializer[Any]):
    passing = PreverifierThresholdSerializer(many=True)
    returning = PreverifierThresholdSerializer(many=True)


class PreverifierReportSerializer(serializers.Serializer[Any]):
    version = PreverifierVersionSerializer(
        allow_null=True, help_text="null: the prior that comes with the code"
    )
    versions = PreverifierVersionSerializer(many=True)
    fewest_verdicts = serializers.IntegerField(help_text="that a version is fitted on")
    judged = serializers.IntegerField(help_text="verdicts that a version could be fitted on")
    verdicts = serializers.IntegerField(help_text="of people, on what the version in use had scored before")
    unsatisfactory = serializers.IntegerField(help_text="of these, rejected ones included")
    auc = serializers.FloatField(allow_null=True)
    calibration_error = serializers.FloatField(allow_null=True)
    roc = RocPointSerializer(many=True)
    calibration = CalibrationBinSerializer(many=True)
    tradeoff = TradeoffSerializer(many=True)
    sizes = SizeAucSerializer(many=True)
    thresholds = PreverifierThresholdsSerializer()
    automatic = AutomaticVerdictsSerializer()
    passed = serializers.IntegerField(help_text="masklets that it accepted")
    returned = serializers.IntegerField(help_text="masklets that it sent back")
    people = serializers.IntegerField(help_text="masklets that the draw left to people")


class AutomaticVerdictsInput(InputSerializer):
    passing = serializers.BooleanField(required=False)
    returning = serializers.BooleanField(required=False)
    precision = serializers.FloatField(min_value=0.5, max_value=0.999, required=False)
    people_share = serializers.FloatField(min_value=0.05, max_value=1, required=False)
    pass_below = serializers.ChoiceField(PASS_BELOW, required=False)
    return_above = serializers.ChoiceField(RETURN_ABOVE, required=False)


class WrongPlaceSerializer(serializers.Serializer[Any]):
    frame_idx = serializers.IntegerField()
    chance = serializers.FloatField()
    reason = serializers.CharField()
    first_frame = serializers.IntegerField()
    last_frame = serializers.IntegerField()


class PreverifierOpinionSerializer(serializers.ModelSerializer[PreverifierScore]):
    places = WrongPlaceSerializer(many=True)

    class Meta:
        model = PreverifierScore
        fields = ["wrong", "places", "second_opinion", "created_at"]
        read_only_fields = fields


class MaskletOpinionSerializer(serializers.Serializer[Any]):
    opinion = PreverifierOpinionSerializer(allow_null=True)


class PreverifierView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_preverifier", responses=PreverifierReportSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How good what looks at submitted masklets first is, by people's verdicts, and what it may decide."""
        project = access.find_project(request.user, pk)
        report = preverifier.report(actor=person(request), project=project)
        return Response(PreverifierReportSerializer(report).data)


class FitsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="projects_preverifier_fit",
        request=None,
        responses={202: RunStartedSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Fit a new version on people's verdicts; it looks from then on if it is better (owners)."""
        project = access.find_project(request.user, pk)
        run = preverifiers.fit(actor=person(request), project=project)
        return Response({"run": RunSerializer(run).data}, status=202)


class AutomaticView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="projects_preverifier_automatic",
        request=AutomaticVerdictsInput,
        responses=AutomaticVerdictsSerializer,
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what it may decide without people; refused where verdicts do not show the promised precision
        (owners)."""
        project = access.find_project(request.user, pk)
        row = automatic.allow(
            actor=person(request), project=project, **valid(AutomaticVerdictsInput, request)
        )
        return Response(AutomaticVerdictsSerializer(row).data)


class OpinionView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_opinion", responses=MaskletOpinionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What the pre-verifier thinks of this masklet's masks: how likely they are wrong, where, and why."""
        score = preverifier.opinion(actor=person(request), masklet_id=pk)
        return Response(MaskletOpinionSerializer({"opinion": score}).data)
