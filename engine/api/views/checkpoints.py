from dataclasses import asdict

from django.db.models import QuerySet
from django_filters.rest_framework import ChoiceFilter, FilterSet, NumberFilter
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.filters import KnownFilters
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.models import Checkpoint, CheckpointStatus, Release
from engine.run_kinds import TrainingSettings
from engine.services import checkpoints, retraining


def checkpoint_rows() -> QuerySet[Checkpoint]:
    return Checkpoint.objects.select_related("run__release").prefetch_related(
        "promotions", "evaluations__champion"
    )


class CheckpointFilter(FilterSet):
    project = NumberFilter(field_name="project_id")
    status = ChoiceFilter(choices=CheckpointStatus.choices)


class CheckpointsView(generics.ListAPIView[Checkpoint]):
    permission_classes = [SignedIn]
    serializer_class = s.CheckpointSerializer
    filter_backends = [KnownFilters]
    filterset_class = CheckpointFilter

    def get_queryset(self) -> QuerySet[Checkpoint]:
        return access.visible(checkpoint_rows(), self.request.user)


class CheckpointView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.CheckpointSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.CheckpointSerializer(access.find(checkpoint_rows(), request.user, pk)).data)


class PromoteView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=s.PromotionInput, responses=s.CheckpointSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Make it the champion; the one that was retires. What was never champion passes the gate, or stays out."""
        checkpoint = access.find(checkpoint_rows(), request.user, pk)
        checkpoints.promote(
            actor=person(request), checkpoint=checkpoint, reason=valid(s.PromotionInput, request)["reason"]
        )
        return Response(s.CheckpointSerializer(checkpoint).data)


class RetireView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=None, responses=s.CheckpointSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Put away one that is not wanted; it may be promoted again."""
        checkpoint = access.find(checkpoint_rows(), request.user, pk)
        checkpoints.retire(actor=person(request), checkpoint=checkpoint)
        return Response(s.CheckpointSerializer(checkpoint).data)


class RetrainingChoicesView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.RetrainingChoicesSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What a retraining may start from, and its usual settings."""
        project = access.find_project(request.user, pk)
        choices = {
            "bases": [asdict(base) for base in retraining.bases(project)],
            "settings": asdict(TrainingSettings()),
        }
        return Response(s.RetrainingChoicesSerializer(choices).data)


class RetrainingsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        request=s.RetrainingInput, responses={202: s.RunStartedSerializer}, parameters=[IDEMPOTENCY_KEY]
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Retrain a checkpoint on a frozen release; the run leaves a candidate with its evaluation."""
        form = valid(s.RetrainingInput, request)
        release = access.find(Release.objects.select_related("project"), request.user, pk)
        run = retraining.start(
            actor=person(request),
            release=release,
            checkpoint=form.pop("checkpoint", None),
            location=form.pop("location", None),
            name=form.pop("name"),
            settings=TrainingSettings(**form),
        )
        return Response({"run": s.RunSerializer(run).data}, status=202)


class TrainingLogView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.TrainingLogSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """A retraining's losses and validations so far."""
        run = access.find(retraining.all_runs(), request.user, pk)
        return Response(s.TrainingLogSerializer({"entries": retraining.log(run)}).data)
