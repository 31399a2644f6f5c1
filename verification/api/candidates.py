"""The gallery's counter: one verdict on many candidates."""

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
from engine.api.schema import ErrorSerializer
from engine.api.serializers import InputSerializer
from verification.api.reviews import VerdictSerializer
from verification.models import Verdict
from verification.services import bulk, verdicts

MOST_AT_ONCE = 200


class VerdictsInput(InputSerializer):
    verdict = serializers.ChoiceField(Verdict.Kind.choices)
    comment = serializers.CharField(max_length=2000, allow_blank=True, default="")
    reasons = serializers.ListField(
        child=serializers.ChoiceField(verdicts.REASON_CHOICES),
        max_length=len(verdicts.REASONS),
        default=list,
    )
    masklets = serializers.ListField(
        child=serializers.IntegerField(min_value=1), allow_empty=False, max_length=MOST_AT_ONCE
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """What became of one candidate: a verdict, or why it got none."""

    masklet = serializers.IntegerField()
    verdict = VerdictSerializer(allow_null=True)
    error = ErrorSerializer(allow_null=True, source="refusal")


class AnswersSerializer(serializers.Serializer[Any]):
    answers = AnswerSerializer(many=True)


class VerdictsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="candidates_verdicts",
        request=VerdictsInput,
        responses={201: AnswersSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """The same verdict on each of some candidates; one that is refused keeps none of the others from theirs."""
        project = access.find_project(request.user, pk)
        form = valid(VerdictsInput, request)
        answers = bulk.give(
            actor=person(request),
            project=project,
            masklets=form["masklets"],
            kind=form["verdict"],
            comment=form["comment"],
            reasons=form["reasons"],
        )
        return Response(AnswersSerializer({"answers": answers}).data, status=201)
