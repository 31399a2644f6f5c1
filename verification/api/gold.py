"""Known answers, for owners: made of accepted masklets, and what they say about reviewers."""

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
from engine.models import Role
from verification.models import GoldItem
from verification.models.gold import KINDS
from verification.services import gold, policies, probes

MOST = 500  #: items that a page shows, the newest


class GoldItemSerializer(serializers.ModelSerializer[GoldItem]):
    kind = serializers.ChoiceField(KINDS)
    video_name = serializers.CharField(source="masklet.video.name")
    object_id = serializers.IntegerField(source="masklet.object_id")

    class Meta:
        model = GoldItem
        fields = ["id", "masklet", "video_name", "object_id", "kind", "severity", "created_at", "retired_at"]
        read_only_fields = fields


class GoldItemsSerializer(serializers.Serializer[Any]):
    items = GoldItemSerializer(many=True)


class GoldInput(InputSerializer):
    kinds = serializers.ListField(
        child=serializers.ChoiceField(KINDS), min_length=1, max_length=len(KINDS), required=False
    )
    severity = serializers.FloatField(min_value=0, max_value=1, default=0.5)


class LetInInput(InputSerializer):
    username = serializers.CharField(max_length=150)


class GoldShareSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="of the 95 % interval")
    high = serializers.FloatField(allow_null=True)
    of = serializers.IntegerField(help_text="so many")


class CaughtSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(KINDS)
    caught = GoldShareSerializer()


class ReviewerSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    answers = serializers.IntegerField(help_text="to known answers, that count")
    sensitivity = GoldShareSerializer(help_text="of what was made wrong, the share not found satisfactory")
    specificity = GoldShareSerializer(help_text="of what is right, the share found satisfactory")
    paused = serializers.BooleanField()
    kinds = CaughtSerializer(many=True)


class ReviewersSerializer(serializers.Serializer[Any]):
    reviewers = ReviewerSerializer(many=True)


class ProjectGoldView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="gold_list", responses=GoldItemsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Known answers of the project, newest first (owners)."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        access.require(person(request), project.pk, Role.OWNER)
        items = GoldItem.objects.filter(masklet__project=project).select_related("masklet__video")
        return Response(GoldItemsSerializer({"items": items.order_by("-id")[:MOST]}).data)


class MaskletGoldView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="masklets_gold",
        request=GoldInput,
        responses={201: GoldItemsSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Make known answers of an accepted masklet: right ones, and wrong in known ways (owners)."""
        items = gold.make(actor=person(request), masklet_id=pk, **valid(GoldInput, request))
        return Response(GoldItemsSerializer({"items": items}).data, status=201)

    @extend_schema(operation_id="masklets_gold_retire", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Give out no more known answers from it (owners)."""
        gold.retire(actor=person(request), masklet_id=pk)
        return Response(status=204)


class MaskletProbeView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="masklets_probe", request=None, responses={204: None}, parameters=[IDEMPOTENCY_KEY]
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Have an accepted masklet made once more, unseen, by an annotator, and hold that against it (owners)."""
        probes.make(actor=person(request), masklet_id=pk)
        return Response(status=204)


class ReviewersView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="reviewers_list", responses=ReviewersSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How reviewers answered where the answer is known (owners)."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        access.require(person(request), project.pk, Role.OWNER)
        found = gold.tallies(project, policies.of(project.pk))
        return Response(ReviewersSerializer({"reviewers": found}).data)


class LetInView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="reviewers_let_in", request=LetInInput, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """A paused reviewer may go on (owners)."""
        project = access.find_project(request.user, pk)
        gold.let_in(actor=person(request), project=project, **valid(LetInInput, request))
        return Response(status=204)
