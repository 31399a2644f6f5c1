"""The annotators' desk: choose an object or claim one, prompt it, propagate, submit."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.models import Assignment
from annotation.services import masklets, prompts, queue
from engine import access, leases
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import LEASE_TOKEN, lease_token, person, valid
from engine.api.serializers import (
    InputSerializer,
    MaskletSerializer,
    PromptSerializer,
    RunSerializer,
    RunStartedSerializer,
)
from engine.errors import InvalidInput
from engine.models import Masklet, PromptKind
from engine.services import revisions

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The revision that was looked at, as its ETag has it.",
)


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    job = serializers.ChoiceField(Assignment.Job.choices)
    lease_seconds = serializers.SerializerMethodField()

    class Meta:
        model = Assignment
        fields = ["id", "masklet", "job", "token", "lease_until", "lease_seconds"]
        read_only_fields = fields

    def get_lease_seconds(self, assignment: Assignment) -> int:
        return int(leases.LEASE.total_seconds())


class ClaimedSerializer(serializers.Serializer[Any]):
    masklet = MaskletSerializer()
    assignment = AssignmentSerializer()


class ObjectInput(InputSerializer):
    label = serializers.CharField(max_length=120, allow_blank=True, default="")  # type: ignore[assignment]


class ClaimInput(InputSerializer):
    takeover = serializers.BooleanField(default=False)


class DiscardInput(InputSerializer):
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")


class RleInput(InputSerializer):
    size = serializers.ListField(child=serializers.IntegerField(), max_length=2, help_text="[height, width]")
    counts = serializers.CharField(trim_whitespace=False, help_text="COCO compressed RLE, column-major")


class PromptInput(InputSerializer):
    """A click has x, y and positive; a box has box; a mask has rle. All in pixels of the stored frame."""

    frame_idx = serializers.IntegerField()
    kind = serializers.ChoiceField(PromptKind.choices)
    x = serializers.FloatField(required=False, allow_null=True)
    y = serializers.FloatField(required=False, allow_null=True)
    positive = serializers.BooleanField(required=False, allow_null=True)
    box = serializers.ListField(
        child=serializers.FloatField(),
        required=False,
        allow_null=True,
        max_length=4,
        help_text="[x0, y0, x1, y1]",
    )
    rle = RleInput(required=False, allow_null=True)


class PromptedSerializer(serializers.Serializer[Any]):
    prompt = PromptSerializer()
    run = RunSerializer()


class PromptsSerializer(serializers.Serializer[Any]):
    prompts = PromptSerializer(many=True)


class PropagateInput(InputSerializer):
    direction = serializers.ChoiceField(prompts.DIRECTIONS)
    from_frame = serializers.IntegerField()
    whole = serializers.BooleanField(
        default=False, help_text="do every frame anew, not only those that a correction changes"
    )


class RestoreInput(InputSerializer):
    revision = serializers.IntegerField()


class RestoredSerializer(serializers.Serializer[Any]):
    masklet = MaskletSerializer()


class ObjectsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="masklets_create",
        request=ObjectInput,
        responses={201: ClaimedSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Choose a new object of this video; it is yours from the start."""
        assignment = masklets.select_object(actor=person(request), video_id=pk, **valid(ObjectInput, request))
        return Response(claimed(assignment), status=201)


class ClaimView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_claim", request=ClaimInput, responses=ClaimedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Claim this masklet, or take it over from your other tab."""
        return Response(
            claimed(queue.claim(actor=person(request), masklet_id=pk, **valid(ClaimInput, request)))
        )


class HeartbeatView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="assignments_heartbeat",
        request=None,
        responses=AssignmentSerializer,
        parameters=[LEASE_TOKEN],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Keep the lease."""
        assignment = queue.heartbeat(actor=person(request), assignment_id=pk, token=lease_token(request))
        return Response(AssignmentSerializer(assignment).data)


class SubmitView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="assignments_submit", request=None, responses=MaskletSerializer, parameters=[LEASE_TOKEN]
    )
    def post(self, request: Request, pk: int) -> Response:
        """Pass the masklet on to another person's verdict."""
        masklet = masklets.submit(actor=person(request), assignment_id=pk, token=lease_token(request))
        return Response(MaskletSerializer(masklet).data)


class HandBackView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="assignments_hand_back",
        request=None,
        responses=MaskletSerializer,
        parameters=[LEASE_TOKEN],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Let another annotator go on; what was done stays."""
        masklet = masklets.hand_back(actor=person(request), assignment_id=pk, token=lease_token(request))
        return Response(MaskletSerializer(masklet).data)


class DiscardView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="assignments_discard",
        request=DiscardInput,
        responses=MaskletSerializer,
        parameters=[LEASE_TOKEN],
    )
    def post(self, request: Request, pk: int) -> Response:
        """The object is not well defined: reject the masklet."""
        masklet = masklets.discard(
            actor=person(request),
            assignment_id=pk,
            token=lease_token(request),
            **valid(DiscardInput, request),
        )
        return Response(MaskletSerializer(masklet).data)


class PromptsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_prompts", responses=PromptsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The prompts in force, oldest first."""
        masklet = access.find_masklet(Masklet.objects.select_related("revision"), person(request), pk)
        return Response(PromptsSerializer({"prompts": revisions.prompts_in_force(masklet)}).data)

    @extend_schema(
        operation_id="masklets_prompt",
        request=PromptInput,
        responses={201: PromptedSerializer},
        parameters=[LEASE_TOKEN, IDEMPOTENCY_KEY, IF_MATCH],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Click, draw a box or give a mask on one frame; the run computes that frame's mask."""
        prompt, run = prompts.add(
            actor=person(request),
            masklet_id=pk,
            token=lease_token(request),
            expected=if_match(request),
            **valid(PromptInput, request),
        )
        return Response(PromptedSerializer({"prompt": prompt, "run": run}).data, status=201)


class PropagateView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="masklets_propagate",
        request=PropagateInput,
        responses={202: RunStartedSerializer},
        parameters=[LEASE_TOKEN, IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Carry the prompts in force through the frames."""
        run = prompts.propagate(
            actor=person(request), masklet_id=pk, token=lease_token(request), **valid(PropagateInput, request)
        )
        return Response(RunStartedSerializer({"run": run}).data, status=202)


class RestoreView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="masklets_restore",
        request=RestoreInput,
        responses=RestoredSerializer,
        parameters=[LEASE_TOKEN, IF_MATCH],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Undo or redo: an older revision's masks and prompts become the newest revision."""
        expected = if_match(request)
        if expected is None:
            raise InvalidInput("Send If-Match with the revision that you looked at.")
        number = valid(RestoreInput, request)["revision"]
        masklet = masklets.restore(
            actor=person(request), masklet_id=pk, token=lease_token(request), expected=expected, number=number
        )
        return Response(RestoredSerializer({"masklet": masklet}).data)


def if_match(request: Request) -> int | None:
    """The revision's number in `If-Match`, with or without an ETag's quotes."""
    value = request.headers.get("If-Match")
    if value is None:
        return None
    number = re.fullmatch(r'"?(\d{1,9})"?', value.strip(), re.ASCII)
    if number is None:
        raise InvalidInput('If-Match must be the number of a revision, as in If-Match: "3".')
    return int(number[1])


def claimed(assignment: Assignment) -> dict[str, Any]:
    return ClaimedSerializer({"masklet": assignment.masklet, "assignment": assignment}).data
