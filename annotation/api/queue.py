"""The annotators' queue: what comes next, and for owners who works on what."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation import board
from annotation.api.desk import ClaimedSerializer, claimed
from annotation.models import Assignment
from annotation.services import queue
from engine import access
from engine.api.filters import refuse_unknown
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.api.serializers import InputSerializer, MaskletSerializer
from engine.api.serializers.videos import ready_link
from engine.models import MaskletStatus
from engine.models.project import Phase


class NextInput(InputSerializer):
    video = serializers.IntegerField(required=False)


class AssignInput(InputSerializer):
    """What is left out stays as it is."""

    person = serializers.CharField(max_length=150, allow_null=True, required=False)
    priority = serializers.IntegerField(min_value=-100, max_value=100, required=False)


class QueueRowSerializer(serializers.Serializer[Any]):
    masklet = serializers.IntegerField()
    object_id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    video = serializers.IntegerField()
    video_name = serializers.CharField()
    thumbnail_url = serializers.SerializerMethodField()
    phase = serializers.IntegerField()
    status = serializers.ChoiceField(MaskletStatus.choices)
    band = serializers.ChoiceField(queue.Band.choices)
    doubt = serializers.FloatField()
    priority = serializers.IntegerField()
    trial = serializers.BooleanField()
    waiting_seconds = serializers.FloatField(allow_null=True)
    assigned_to = serializers.CharField(allow_null=True)
    held_by = serializers.CharField(allow_null=True)
    held_seconds = serializers.FloatField(allow_null=True)
    job = serializers.ChoiceField(Assignment.Job.choices, allow_null=True)

    def get_thumbnail_url(self, row: dict[str, Any]) -> str | None:
        return ready_link(row["picture"], row["picture"].thumbnail_key, "image/jpeg")


class WorkerSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField()
    phases = serializers.ListField(child=serializers.ChoiceField(Phase.choices))
    holding = serializers.IntegerField()
    submitted_today = serializers.IntegerField()
    active_seconds_today = serializers.FloatField()


class QueueSerializer(serializers.Serializer[Any]):
    waiting = serializers.IntegerField()
    held = serializers.IntegerField()
    oldest_seconds = serializers.FloatField(allow_null=True)
    rows = QueueRowSerializer(many=True)
    people = WorkerSerializer(many=True)


class NextView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="annotation_queue_next",
        request=NextInput,
        responses={200: ClaimedSerializer, 204: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Claim what comes first for you in this project, or in one video of it: refinement, then what is likely
        wrong, then new objects."""
        assignment = queue.claim_next(actor=person(request), project_id=pk, **valid(NextInput, request))
        return Response(claimed(assignment)) if assignment else Response(status=204)


class QueueView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="annotation_queue", responses=QueueSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Everything that waits or is held, in the queue's order, and who works on it (owners)."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        return Response(QueueSerializer(board.board(actor=person(request), project=project)).data)


class AssignView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_assign", request=AssignInput, responses=MaskletSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Keep a masklet for a person (null: for anybody), who else holds it loses it; or set its priority (owners)."""
        masklet = queue.assign(actor=person(request), masklet_id=pk, **valid(AssignInput, request))
        return Response(MaskletSerializer(masklet).data)
