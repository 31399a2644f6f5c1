"""Controlled experiments: made by owners, read as Table 1."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation import metrics
from annotation.api.effort import EffortRowSerializer, PaperRowSerializer
from annotation.models import Assignment, Experiment, Trial
from annotation.services import experiments
from engine import access
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.api.serializers import InputSerializer
from engine.models import Masklet, Role
from engine.models.project import PHASES


class ExperimentInput(InputSerializer):
    name = serializers.CharField(max_length=120)
    masklets = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=1000)
    groups = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=150), max_length=1000),
        required=False,
        help_text="user names by phase; left out, the annotators are divided",
    )

    def validate_groups(self, groups: dict[str, list[str]]) -> dict[int, list[str]]:
        if not set(groups) <= {str(phase) for phase in PHASES}:
            raise serializers.ValidationError("Groups are named 1, 2 and 3, after their phase.")
        return {int(phase): names for phase, names in groups.items()}


class ArmSerializer(serializers.Serializer[Any]):
    phase = serializers.IntegerField()
    people = serializers.ListField(child=serializers.CharField())
    masklets = serializers.ListField(child=serializers.IntegerField())
    submitted = serializers.IntegerField()
    row = EffortRowSerializer(allow_null=True)


class ExperimentSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    objects = serializers.IntegerField()
    arms = ArmSerializer(many=True)
    paper = PaperRowSerializer(many=True)
    definitions = serializers.DictField(child=serializers.CharField())


class TargetSerializer(serializers.Serializer[Any]):
    frame_idx = serializers.IntegerField()
    size = serializers.ListField(child=serializers.IntegerField(), help_text="[height, width]")
    counts = serializers.CharField(help_text="COCO compressed RLE")


class ExperimentsView(generics.GenericAPIView[Experiment]):
    permission_classes = [SignedIn]
    serializer_class = ExperimentSerializer
    queryset = Experiment.objects.none()  # for the schema

    @extend_schema(operation_id="experiments_list", responses=ExperimentSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The project's experiments, newest first (owners)."""
        project = access.find_project(request.user, pk)
        access.require(person(request), project.pk, Role.OWNER)
        rows = self.filter_queryset(Experiment.objects.filter(project=project))
        page = self.paginate_queryset(rows)
        told = [_told(experiment, person(request)) for experiment in page or []]
        return self.get_paginated_response(ExperimentSerializer(told, many=True).data)

    @extend_schema(
        operation_id="experiments_create",
        request=ExperimentInput,
        responses={201: ExperimentSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Have the same objects annotated under each phase, by different people."""
        experiment = experiments.create(
            actor=person(request),
            project=access.find_project(request.user, pk),
            **valid(ExperimentInput, request),
        )
        return Response(ExperimentSerializer(_told(experiment, person(request))).data, status=201)


class ExperimentView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="experiments_retrieve", responses=ExperimentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How far its three arms are, and its Table 1 (owners)."""
        experiment = access.find(Experiment.objects.all(), request.user, pk)
        access.require(person(request), experiment.project_id, Role.OWNER)
        return Response(ExperimentSerializer(_told(experiment, person(request))).data)


class TargetView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_target", responses={200: TargetSerializer, 204: None})
    def get(self, request: Request, pk: int) -> Response:
        """Which object a masklet of an experiment means: one mask on one frame."""
        masklet = access.find_masklet(Masklet.objects.select_related("video"), request.user, pk)
        target = experiments.target_mask(masklet)
        if target is None:
            return Response(status=204)
        frame_idx, rle = target
        return Response(TargetSerializer({"frame_idx": frame_idx, **rle}).data)


def _told(experiment: Experiment, actor: Any) -> dict[str, Any]:
    filters = metrics.Filters(experiment=experiment.pk)
    table = metrics.table(actor=actor, project=experiment.project, by="phase", filters=filters)
    rows = {row["key"]: row for row in table["rows"]}
    trials = Trial.objects.filter(target__experiment=experiment).select_related("masklet__assigned_to")
    submitted = set(
        Assignment.objects.filter(
            masklet__as_trial__target__experiment=experiment, outcome=Assignment.Outcome.SUBMITTED
        ).values_list("masklet", flat=True)
    )
    arms: list[dict[str, Any]] = []
    for phase in PHASES:
        of_phase = [trial.masklet for trial in trials if trial.phase == phase]
        arms.append(
            {
                "phase": phase,
                "people": sorted({m.assigned_to.username for m in of_phase if m.assigned_to}),
                "masklets": [masklet.pk for masklet in of_phase],
                "submitted": len(submitted.intersection(masklet.pk for masklet in of_phase)),
                "row": rows.get(str(phase)),
            }
        )
    return {
        "id": experiment.pk,
        "name": experiment.name,
        "created_at": experiment.created_at,
        "objects": experiment.targets.count(),  # type: ignore[attr-defined]
        "arms": arms,
        "paper": table["paper"],
        "definitions": table["definitions"],
    }
