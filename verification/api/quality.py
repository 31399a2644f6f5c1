"""How well verification works, for owners: agreement, rates, age, work."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import spreadsheet
from engine.api.filters import refuse_unknown
from engine.api.permissions import SignedIn
from engine.api.requests import person
from engine.errors import InvalidInput
from engine.models import Role
from verification.services import agreements, dashboards

BY = [*dashboards.KEYS, "reason"]
COLUMNS = ["key", "satisfactory", "unsatisfactory", "reject", "seconds"]


class EstimateSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="of the 95 % interval")
    high = serializers.FloatField(allow_null=True)


class AgreementFiguresSerializer(serializers.Serializer[Any]):
    items = serializers.IntegerField(help_text="that two people or more judged")
    judgements = serializers.IntegerField()
    cohen = EstimateSerializer()
    fleiss = EstimateSerializer()
    krippendorff = EstimateSerializer()


class AgreementRowSerializer(AgreementFiguresSerializer):
    key = serializers.CharField()


class AbilitySerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    sensitivity = serializers.FloatField(allow_null=True)
    specificity = serializers.FloatField(allow_null=True)


class CeilingSerializer(serializers.Serializer[Any]):
    objects = serializers.IntegerField(help_text="that were made twice")
    jf = EstimateSerializer()


class AgreementSerializer(serializers.Serializer[Any]):
    all = AgreementFiguresSerializer()
    by_reviewer = AgreementRowSerializer(many=True)
    by_reason = AgreementRowSerializer(many=True)
    by_size = AgreementRowSerializer(many=True)
    by_week = AgreementRowSerializer(many=True)
    dawid_skene = AbilitySerializer(many=True)
    people = CeilingSerializer(help_text="J&F between two annotators")
    gold = CeilingSerializer(help_text="J&F of annotators with gold")


class RateSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    satisfactory = serializers.IntegerField()
    unsatisfactory = serializers.IntegerField()
    reject = serializers.IntegerField()
    seconds = serializers.FloatField(help_text="of reviewers' work")


class RatesSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {by: RateSerializer(many=True) for by in BY}


class RoundsToAcceptanceSerializer(serializers.Serializer[Any]):
    rounds = serializers.IntegerField(help_text="10 stands for more, too")
    masklets = serializers.IntegerField()


class AgesSerializer(serializers.Serializer[Any]):
    below_hours = serializers.ListField(child=serializers.IntegerField())
    masklets = serializers.ListField(
        child=serializers.IntegerField(), help_text="one more: those that are older"
    )
    oldest_seconds = serializers.FloatField(allow_null=True)


class VerificationSerializer(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()
    accepted_unseen = serializers.IntegerField(help_text="by sampling or by the pre-verifier")
    review_seconds = serializers.FloatField()
    review_seconds_per_accepted = serializers.FloatField(allow_null=True)
    rounds = RoundsToAcceptanceSerializer(many=True)
    ages = AgesSerializer()
    rates = RatesSerializer()


class AgreementView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="agreement", responses=AgreementSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How far reviewers agree with each other, and annotators with each other and with gold (owners)."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        return Response(AgreementSerializer(agreements.of(actor=person(request), project=project)).data)


class VerificationView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="verification", responses=VerificationSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Rates of verdicts, rounds until acceptance, the queue's age, reviewers' work (owners)."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        return Response(VerificationSerializer(dashboards.of(actor=person(request), project=project)).data)


class VerificationCsvView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="verification_csv",
        parameters=[OpenApiParameter("by", str, enum=BY)],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Rates of verdicts by one of its keys, as a spreadsheet (owners)."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request, "by")
        access.require(person(request), project.pk, Role.OWNER)
        by = request.query_params.get("by", "week")
        if by not in BY:
            raise InvalidInput(f"Verdicts are told by {', '.join(BY)}.")
        rows = [row | {"key": spreadsheet.safe(row["key"])} for row in dashboards.rates(project, by)]
        return spreadsheet.answer(f"verdicts-by-{by}.csv", COLUMNS, rows)
