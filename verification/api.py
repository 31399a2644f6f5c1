"""The reviewers' counter: claim a masklet, play it, give one of three verdicts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import leases
from engine.api.filters import refuse_unknown
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import LEASE_TOKEN, lease_token, person, valid
from engine.api.serializers import InputSerializer, MaskletSerializer
from verification.models import Review, Verdict
from verification.services import queue, verdicts


class ReviewSerializer(serializers.ModelSerializer[Review]):
    revision = serializers.IntegerField(source="revision.number")
    lease_seconds = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = ["id", "masklet", "revision", "token", "lease_until", "lease_seconds"]
        read_only_fields = fields

    def get_lease_seconds(self, review: Review) -> int:
        return int(leases.LEASE.total_seconds())


class ReviewClaimedSerializer(serializers.Serializer[Any]):
    review = ReviewSerializer()
    masklet = MaskletSerializer()


class VerdictSerializer(serializers.ModelSerializer[Verdict]):
    verdict = serializers.ChoiceField(Verdict.Kind.values, source="kind")
    reasons = serializers.ListField(child=serializers.ChoiceField(verdicts.REASON_CHOICES))
    masklet = serializers.IntegerField(source="review.masklet_id")
    revision = serializers.IntegerField(source="review.revision.number")
    undo_seconds = serializers.SerializerMethodField(help_text="how long it can be taken back")

    class Meta:
        model = Verdict
        fields = ["id", "masklet", "revision", "verdict", "comment", "reasons", "created_at", "undo_seconds"]
        read_only_fields = fields

    def get_undo_seconds(self, verdict: Verdict) -> int:
        return int(verdicts.UNDO_WITHIN.total_seconds())


class ReviewInput(InputSerializer):
    takeover = serializers.BooleanField(default=False)


class VerdictInput(InputSerializer):
    verdict = serializers.ChoiceField(Verdict.Kind.values)
    comment = serializers.CharField(max_length=2000, allow_blank=True, default="")
    reasons = serializers.ListField(
        child=serializers.ChoiceField(verdicts.REASON_CHOICES),
        max_length=len(verdicts.REASONS),
        default=list,
    )


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(verdicts.REASON_CHOICES)
    text = serializers.CharField()


class ReopenInput(InputSerializer):
    reason = serializers.CharField(max_length=2000)


class NextView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="review_queue_next", request=None, responses={200: ReviewClaimedSerializer, 204: None}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Claim what waits longest in this project and is not yours."""
        review = queue.claim_next(actor=person(request), project_id=pk)
        return Response(_claimed(review)) if review else Response(status=204)


class ReasonsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="verdict_reasons_list", responses=ReasonSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What a reviewer may ask to refine, in the order in which it is offered."""
        refuse_unknown(request)
        reasons = [{"code": code, "text": text.capitalize()} for code, text in verdicts.REASONS.items()]
        return Response(ReasonSerializer(reasons, many=True).data)


class ReviewView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_review", request=ReviewInput, responses=ReviewClaimedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Claim this masklet for a verdict, or take it over from your other tab."""
        return Response(
            _claimed(queue.claim(actor=person(request), masklet_id=pk, **valid(ReviewInput, request)))
        )


class HeartbeatView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="reviews_heartbeat", request=None, responses=ReviewSerializer, parameters=[LEASE_TOKEN]
    )
    def post(self, request: Request, pk: int) -> Response:
        """Keep the lease."""
        review = queue.heartbeat(actor=person(request), review_id=pk, token=lease_token(request))
        return Response(ReviewSerializer(review).data)


class GiveBackView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="reviews_give_back", request=None, responses=MaskletSerializer, parameters=[LEASE_TOKEN]
    )
    def post(self, request: Request, pk: int) -> Response:
        """Leave the verdict to another reviewer."""
        review = queue.give_back(actor=person(request), review_id=pk, token=lease_token(request))
        return Response(MaskletSerializer(review.masklet).data)


class VerdictView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="reviews_verdict",
        request=VerdictInput,
        responses={201: VerdictSerializer},
        parameters=[LEASE_TOKEN, IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Satisfactory, unsatisfactory (say what to refine) or reject (the object is not well defined)."""
        form = valid(VerdictInput, request)
        verdict = verdicts.give(
            actor=person(request),
            review_id=pk,
            token=lease_token(request),
            kind=form["verdict"],
            comment=form["comment"],
            reasons=form["reasons"],
        )
        return Response(VerdictSerializer(verdict).data, status=201)


class UndoView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="verdicts_undo", request=None, responses=ReviewClaimedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take your verdict back, within a minute; you hold the masklet again."""
        return Response(_claimed(verdicts.undo(actor=person(request), verdict_id=pk)))


class ReopenView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_reopen", request=ReopenInput, responses=MaskletSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """An owner sends an accepted masklet to another verdict, with a reason."""
        masklet = verdicts.reopen(actor=person(request), masklet_id=pk, **valid(ReopenInput, request))
        return Response(MaskletSerializer(masklet).data)


def _claimed(review: Review) -> dict[str, Any]:
    return ReviewClaimedSerializer({"review": review, "masklet": review.masklet}).data
