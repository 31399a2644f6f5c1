"""The loop's counters: when a project retrains, what is held out, who became champion, and how a canary does."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.api.views.checkpoints import checkpoint_rows
from engine.errors import NotFound
from engine.models import Canary, Evaluation, Promotion, Role, TrainingPolicy, TriggerDecision
from engine.services import canaries, checkpoints, evaluation_sets, model_cards, retraining, triggers
from vos.challenge import compare


class TrainingPolicyView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.TrainingPolicySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """When this project retrains by itself, and what that may cost."""
        project = access.find_project(request.user, pk)
        policy = triggers.policy_of(project) or TrainingPolicy(project=project)
        return Response(_policy(policy))

    @extend_schema(request=s.TrainingPolicyChange, responses=s.TrainingPolicySerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change some of it (owners)."""
        project = access.find_project(request.user, pk)
        values = valid(s.TrainingPolicyChange, request)
        return Response(_policy(triggers.set_policy(actor=person(request), project=project, **values)))


def _policy(policy: TrainingPolicy) -> dict[str, Any]:
    policy.hours_used = triggers.hours_used(policy.project_id)  # type: ignore[attr-defined]
    return s.TrainingPolicySerializer(policy).data


class TriggerDecisionsView(generics.ListAPIView[TriggerDecision]):
    """Whether to retrain, and why (not), the latest first."""

    permission_classes = [SignedIn]
    serializer_class = s.TriggerDecisionSerializer

    def get_queryset(self) -> QuerySet[TriggerDecision]:
        if getattr(self, "swagger_fake_view", False):
            return TriggerDecision.objects.none()
        project = access.find_project(self.request.user, self.kwargs["pk"])
        return TriggerDecision.objects.filter(project=project).select_related("actor")

    @extend_schema(request=None, responses={201: s.TriggerDecisionSerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Ask to retrain now: a release is frozen and trained on, unless the budget keeps it back."""
        project = access.find_project(request.user, pk)
        made = triggers.ask(actor=person(request), project=project)
        return Response(s.TriggerDecisionSerializer(made).data, status=201)


class EvaluationSetView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.EvaluationSetSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What is held out to judge candidates by; 404 where too little is verified yet."""
        held = evaluation_sets.current(access.find_project(request.user, pk).pk)
        if held is None:
            raise NotFound("Nothing is held out yet: ten videos with accepted masklets are needed.")
        return Response(s.EvaluationSetSerializer(held).data)

    @extend_schema(request=None, responses={201: s.EvaluationSetSerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Hold out other videos, which no training has seen; they judge from now on (owners)."""
        held = evaluation_sets.renew(actor=person(request), project=access.find_project(request.user, pk))
        return Response(s.EvaluationSetSerializer(held).data, status=201)


class EvaluationsView(generics.ListAPIView[Evaluation]):
    """How a checkpoint was judged, the latest first."""

    permission_classes = [SignedIn]
    serializer_class = s.GateEvaluationSerializer

    def get_queryset(self) -> QuerySet[Evaluation]:
        if getattr(self, "swagger_fake_view", False):
            return Evaluation.objects.none()
        checkpoint = access.find(checkpoint_rows(), self.request.user, self.kwargs["pk"])
        rows = Evaluation.objects.filter(checkpoint=checkpoint)
        return rows.select_related("evaluation_set", "champion")

    @extend_schema(request=None, responses={202: s.RunStartedSerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Judge it (again) beside the present champion; counts as an attempt on the evaluation set."""
        checkpoint = access.find(checkpoint_rows(), request.user, pk)
        run = retraining.judge(actor=person(request), checkpoint=checkpoint)
        return Response({"run": s.RunSerializer(run).data}, status=202)


class ExportCheckpointView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="checkpoints_export", responses=s.ExportedCheckpointSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Its files as `transformers` reads them, with a model card (owners)."""
        checkpoint = access.find(checkpoint_rows(), request.user, pk)
        access.require(person(request), checkpoint.project_id, Role.OWNER)
        return Response(s.ExportedCheckpointSerializer(model_cards.export(checkpoint)).data)


class PromotionsView(generics.ListAPIView[Promotion]):
    """Who became champion, when and why, the latest first."""

    permission_classes = [SignedIn]
    serializer_class = s.PromotionSerializer

    def get_queryset(self) -> QuerySet[Promotion]:
        if getattr(self, "swagger_fake_view", False):
            return Promotion.objects.none()
        project = access.find_project(self.request.user, self.kwargs["pk"])
        rows = Promotion.objects.filter(project=project)
        return rows.select_related("checkpoint", "former", "actor", "evaluation")


class RollbackView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=s.RollbackInput, responses=s.CheckpointSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Undo the champion's promotion: the next click uses the weights of before (owners)."""
        project = access.find_project(request.user, pk)
        back = checkpoints.roll_back(
            actor=person(request), project_id=project.pk, **valid(s.RollbackInput, request)
        )
        return Response(s.CheckpointSerializer(back).data)


class CanariesView(generics.ListAPIView[Canary]):
    """Challengers that were tried on a share of the work, the latest first."""

    permission_classes = [SignedIn]
    serializer_class = s.CanarySerializer

    def get_queryset(self) -> QuerySet[Canary]:
        if getattr(self, "swagger_fake_view", False):
            return Canary.objects.none()
        project = access.find_project(self.request.user, self.kwargs["pk"])
        return Canary.objects.filter(project=project).select_related("challenger", "champion")

    def paginate_queryset(self, queryset: Any) -> Any:
        return [_compared(canary) for canary in super().paginate_queryset(queryset) or []]


def _compared(canary: Canary) -> Canary:
    """With how the two compare at present, while it is under way."""
    seen = [] if canary.outcome else compare(canaries.seen(canary), share=canary.share)
    canary.differences = [asdict(each) for each in seen]  # type: ignore[attr-defined]
    return canary


class StartCanaryView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=s.CanaryInput, responses={201: s.CanarySerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Try a candidate that passed the gate on a share of new assignments (owners)."""
        checkpoint = access.find(checkpoint_rows(), request.user, pk)
        canary = canaries.start(actor=person(request), challenger=checkpoint, **valid(s.CanaryInput, request))
        return Response(s.CanarySerializer(_compared(canary)).data, status=201)


class StopCanaryView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=None, responses=s.CanarySerializer)
    def post(self, request: Request, pk: int) -> Response:
        """End it: the champion does all the work again, at once (owners)."""
        canary = access.find(Canary.objects.select_related("challenger", "champion"), request.user, pk)
        return Response(
            s.CanarySerializer(_compared(canaries.stop(actor=person(request), canary=canary))).data
        )
