"""The reviewers' counter: claim a masklet, play it, give one of three verdicts.

A review names no masklet: known answers among what is given look the same.
"""

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
from engine.api.serializers import DoubtSerializer, InputSerializer
from engine.errors import TooLarge
from verification.models import Pin, Review, Verdict
from verification.services import looking, pins, queue, verdicts


class ShownPlaceSerializer(serializers.Serializer[Any]):
    """Where the pre-verifier thinks that masks are wrong, and why."""

    frame_idx = serializers.IntegerField(help_text="the likeliest")
    first_frame = serializers.IntegerField()
    last_frame = serializers.IntegerField()
    reason = serializers.CharField()


class ReviewSerializer(serializers.ModelSerializer[Review]):
    project = serializers.IntegerField(source="masklet.project_id")
    video = serializers.IntegerField(source="masklet.video_id")
    video_name = serializers.CharField(source="masklet.video.name")
    label = serializers.CharField(source="masklet.label")  # type: ignore[assignment]
    discard_reason = serializers.SerializerMethodField(
        help_text="why its annotator would discard the object; null where nobody would"
    )
    places = ShownPlaceSerializer(
        many=True, allow_null=True, help_text="where it may be wrong, the likeliest first; null: not known"
    )
    lease_seconds = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = [
            "id", "project", "video", "video_name", "label", "discard_reason", "places", "token", "lease_until",
            "lease_seconds",
        ]  # fmt: skip
        read_only_fields = fields

    def get_discard_reason(self, review: Review) -> str | None:
        return looking.discard_reason(review)

    def get_lease_seconds(self, review: Review) -> int:
        return int(leases.LEASE.total_seconds())


class ReviewFrameSerializer(serializers.Serializer[Any]):
    counts = serializers.CharField(help_text="COCO compressed RLE, column-major, of the frame's size")


class ReviewMasksSerializer(serializers.Serializer[Any]):
    size = serializers.ListField(child=serializers.IntegerField(), help_text="[height, width]")
    frames = serializers.DictField(child=ReviewFrameSerializer(), help_text="by frame_idx")
    suggested_frames = DoubtSerializer(many=True, help_text="in the order in which to look")
    doubt = serializers.FloatField(help_text="0 to 1, the share of frames expected to be wrong")


class PinSerializer(serializers.ModelSerializer[Pin]):
    strokes = serializers.ListField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.FloatField())),
        help_text="of each the points [x, y], in pixels of the stored frame",
    )

    class Meta:
        model = Pin
        fields = ["frame_idx", "note", "strokes"]
        read_only_fields = fields


class PreviousSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(Verdict.Kind.choices)
    comment = serializers.CharField()
    reasons = serializers.ListField(child=serializers.ChoiceField(verdicts.REASON_CHOICES))
    pins = PinSerializer(many=True)
    masks = ReviewMasksSerializer()


class VerdictSerializer(serializers.ModelSerializer[Verdict]):
    verdict = serializers.ChoiceField(Verdict.Kind.choices, source="kind")
    reasons = serializers.ListField(child=serializers.ChoiceField(verdicts.REASON_CHOICES))
    pins = PinSerializer(many=True)
    undo_seconds = serializers.SerializerMethodField(help_text="how long it can be taken back")

    class Meta:
        model = Verdict
        fields = ["id", "review", "verdict", "comment", "reasons", "pins", "created_at", "undo_seconds"]
        read_only_fields = fields

    def get_undo_seconds(self, verdict: Verdict) -> int:
        return int(verdicts.UNDO_WITHIN.total_seconds())


class ReviewInput(InputSerializer):
    takeover = serializers.BooleanField(default=False)


class Point(serializers.ListField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=serializers.FloatField(), min_length=2, max_length=2, **kwargs)


class Stroke(serializers.ListField):
    """Counted before any of its points is looked at."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=Point(), max_length=pins.POINTS, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and len(data) > pins.POINTS:
            raise TooLarge(f"A stroke takes at most {pins.POINTS} points.")
        return super().to_internal_value(data)


class PinInput(InputSerializer):
    frame_idx = serializers.IntegerField(min_value=0, max_value=10**6)
    note = serializers.CharField(max_length=500, allow_blank=True, default="")
    strokes = serializers.ListField(child=Stroke(), max_length=pins.STROKES, default=list)


class VerdictInput(InputSerializer):
    verdict = serializers.ChoiceField(Verdict.Kind.choices)
    comment = serializers.CharField(max_length=2000, allow_blank=True, default="")
    reasons = serializers.ListField(
        child=serializers.ChoiceField(verdicts.REASON_CHOICES),
        max_length=len(verdicts.REASONS),
        default=list,
    )
    pins = serializers.ListField(child=PinInput(), max_length=pins.MOST, default=list)


class NextView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="review_queue_next", request=None, responses={200: ReviewSerializer, 204: None}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Claim what comes first in this project, the likeliest wrong and the oldest, and is not yours."""
        review = queue.claim_next(actor=person(request), project_id=pk)
        return Response(ReviewSerializer(review).data) if review else Response(status=204)


class TogetherSerializer(serializers.Serializer[Any]):
    reviews = ReviewSerializer(many=True, help_text="of one video; none where nothing waits")


class TogetherView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="review_queue_together", request=None, responses=TogetherSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Claim what comes first in this project, and what else waits in its video, to look at in one go."""
        reviews = queue.claim_together(actor=person(request), project_id=pk)
        return Response(TogetherSerializer({"reviews": reviews}).data)


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(verdicts.REASON_CHOICES)
    text = serializers.CharField()


class ReasonsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="verdict_reasons_list", responses=ReasonSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What a reviewer may ask to refine, in the order in which it is offered."""
        refuse_unknown(request)
        reasons = [{"code": code, "text": text.capitalize()} for code, text in verdicts.REASONS.items()]
        return Response(ReasonSerializer(reasons, many=True).data)


class ClaimView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_review", request=ReviewInput, responses=ReviewSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Claim this masklet for a verdict, or take it over from your other tab."""
        review = queue.claim(actor=person(request), masklet_id=pk, **valid(ReviewInput, request))
        return Response(ReviewSerializer(review).data)


class ReviewView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="reviews_resume", request=ReviewInput, responses=ReviewSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Go on with your own review in this tab."""
        review = queue.resume(actor=person(request), review_id=pk, **valid(ReviewInput, request))
        return Response(ReviewSerializer(review).data)


class MasksView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="reviews_masks", responses=ReviewMasksSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The masks to give a verdict on."""
        refuse_unknown(request)
        return Response(looking.masks(queue.find(actor=person(request), review_id=pk)))


class PreviousView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="reviews_previous", responses={200: PreviousSerializer, 204: None})
    def get(self, request: Request, pk: int) -> Response:
        """What was sent back before, and why; nothing where these are the first masks."""
        refuse_unknown(request)
        before = looking.previous(queue.find(actor=person(request), review_id=pk))
        return Response(PreviousSerializer(before).data) if before else Response(status=204)


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
        operation_id="reviews_give_back", request=None, responses={204: None}, parameters=[LEASE_TOKEN]
    )
    def post(self, request: Request, pk: int) -> Response:
        """Leave the verdict to another reviewer."""
        queue.give_back(actor=person(request), review_id=pk, token=lease_token(request))
        return Response(status=204)


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
            kind=form.pop("verdict"),
            **form,
        )
        return Response(VerdictSerializer(verdict).data, status=201)


class UndoView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="verdicts_undo", request=None, responses=ReviewSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take your verdict back, within a minute; you hold the masklet again."""
        return Response(ReviewSerializer(verdicts.undo(actor=person(request), verdict_id=pk)).data)
