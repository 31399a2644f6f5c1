"""What owners decide: about what was escalated, accepted or rejected; and the history that they decide by."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api.filters import refuse_unknown
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.api.serializers import InputSerializer, MaskletSerializer
from engine.api.views.masklets import masklet_rows
from engine.models import MaskletStatus, Revision, RevisionKind, Transition
from verification.api.reviews import PinSerializer, VerdictInput
from verification.models import Round, Verdict
from verification.services import history, verdicts


class GivenVerdictSerializer(serializers.ModelSerializer[Verdict]):
    verdict = serializers.ChoiceField(Verdict.Kind.choices, source="kind")
    by = serializers.ChoiceField(Verdict.By.choices)
    person = serializers.SerializerMethodField(
        help_text="null to those who are no owners, and for the machine's"
    )
    reasons = serializers.ListField(child=serializers.ChoiceField(verdicts.REASON_CHOICES))
    pins = PinSerializer(many=True)

    class Meta:
        model = Verdict
        fields = ["id", "verdict", "by", "person", "comment", "reasons", "pins", "created_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_person(self, verdict: Verdict) -> str | None:
        return verdict.person.username if verdict.person and self.context.get("names") else None


class RoundSerializer(serializers.ModelSerializer[Round]):
    revision = serializers.IntegerField(source="revision.number")
    outcome = serializers.ChoiceField(Verdict.Kind.choices, allow_blank=True)
    annotator = serializers.CharField(source="annotator.username", default=None, allow_null=True)
    verdicts = GivenVerdictSerializer(many=True)

    class Meta:
        model = Round
        fields = [
            "number", "revision", "annotator", "reviewers", "agreeing", "tied", "escalated", "outcome", "opened_at",
            "closed_at", "verdicts",
        ]  # fmt: skip
        read_only_fields = fields


class StepSerializer(serializers.ModelSerializer[Transition]):
    from_status = serializers.ChoiceField(MaskletStatus.choices)
    to_status = serializers.ChoiceField(MaskletStatus.choices)
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)

    class Meta:
        model = Transition
        fields = ["from_status", "to_status", "actor", "reason", "created_at"]
        read_only_fields = fields


class HistoryRevisionSerializer(serializers.ModelSerializer[Revision]):
    kind = serializers.ChoiceField(RevisionKind.choices)
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)

    class Meta:
        model = Revision
        fields = ["number", "kind", "frame_count", "doubt", "actor", "created_at"]
        read_only_fields = fields


class HistorySerializer(serializers.Serializer[Any]):
    masklet = MaskletSerializer()
    rounds = RoundSerializer(many=True, help_text="newest first")
    revisions = HistoryRevisionSerializer(many=True, help_text="newest first")
    steps = StepSerializer(many=True, help_text="newest first")


class RoundsSerializer(serializers.Serializer[Any]):
    rounds = RoundSerializer(many=True, help_text="newest first")


class EscalatedSerializer(serializers.Serializer[Any]):
    masklets = MaskletSerializer(many=True)


class ReasonInput(InputSerializer):
    reason = serializers.CharField(max_length=2000)


class VerdictsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_verdicts", responses=RoundsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What was said about it, with the pins; names to owners alone."""
        masklet = access.find_masklet(masklet_rows(), request.user, pk)
        refuse_unknown(request)
        names = "owner" in masklet.project.roles_of(request.user)
        rounds = history.verdicts_of(masklet, actor=person(request))
        return Response(RoundsSerializer({"rounds": rounds}, context={"names": names}).data)


class HistoryView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_history", responses=HistorySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Revisions, rounds with their verdicts, and steps of a masklet (owners)."""
        masklet = access.find_masklet(masklet_rows(), request.user, pk)
        refuse_unknown(request)
        found = history.of(masklet, actor=person(request))
        return Response(HistorySerializer(found, context={"names": True}).data)


class EscalatedView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="escalated_list", responses=EscalatedSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What waits for an owner's decision, the longest first (owners)."""
        access.find_project(request.user, pk)
        refuse_unknown(request)
        found = history.escalated(pk, actor=person(request)).select_related(
            "video", "revision", "assigned_to"
        )
        return Response(EscalatedSerializer({"masklets": list(found)}).data)


class DecideView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="masklets_decide",
        request=VerdictInput,
        responses=MaskletSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """An owner's verdict: it counts alone."""
        form = valid(VerdictInput, request)
        masklet = verdicts.decide(actor=person(request), masklet_id=pk, kind=form.pop("verdict"), **form)
        return Response(MaskletSerializer(masklet).data)


class ReopenView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_reopen", request=ReasonInput, responses=MaskletSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """An owner sends an accepted masklet to another verdict, with a reason."""
        masklet = verdicts.reopen(actor=person(request), masklet_id=pk, **valid(ReasonInput, request))
        return Response(MaskletSerializer(masklet).data)


class BringBackView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="masklets_bring_back", request=ReasonInput, responses=MaskletSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """An owner gives a rejected masklet back to the annotators, with a reason."""
        masklet = verdicts.bring_back(actor=person(request), masklet_id=pk, **valid(ReasonInput, request))
        return Response(MaskletSerializer(masklet).data)
