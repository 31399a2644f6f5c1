"""How a project's masklets are verified."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api.filters import refuse_unknown
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.api.serializers import InputSerializer
from engine.models import Project, Role
from verification.models import ReviewPolicy
from verification.services import policies

FIELDS = [
    "reviewers", "agreeing", "look_share", "trusted_share", "trusted_rate", "trusted_after", "second_look_share",
    "rounds_cap", "returns_to", "gold_share", "pause_below", "pause_after", "probe_share",
]  # fmt: skip


class ReviewPolicySerializer(serializers.ModelSerializer[ReviewPolicy]):
    returns_to = serializers.ChoiceField(ReviewPolicy.ReturnsTo.choices)
    problems = serializers.SerializerMethodField(
        help_text="sentences: what the team cannot do of it, and what happens instead"
    )

    class Meta:
        model = ReviewPolicy
        fields = [*FIELDS, "problems"]
        read_only_fields = fields

    def get_problems(self, policy: ReviewPolicy) -> list[str]:
        return policies.problems(self.context["project"], policy)


def _share(**kwargs: Any) -> serializers.FloatField:
    return serializers.FloatField(min_value=0, max_value=1, required=False, **kwargs)


class ReviewPolicyChange(InputSerializer):
    """What is left out stays as it is."""

    reviewers = serializers.IntegerField(min_value=1, max_value=9, required=False)
    agreeing = serializers.IntegerField(min_value=1, max_value=9, required=False)
    look_share = _share()
    trusted_share = _share()
    trusted_rate = _share()
    trusted_after = serializers.IntegerField(min_value=1, max_value=10_000, required=False)
    second_look_share = _share()
    rounds_cap = serializers.IntegerField(min_value=1, max_value=100, required=False)
    returns_to = serializers.ChoiceField(ReviewPolicy.ReturnsTo.choices, required=False)
    gold_share = serializers.FloatField(min_value=0, max_value=0.5, required=False)
    pause_below = _share(allow_null=True)
    pause_after = serializers.IntegerField(min_value=5, max_value=10_000, required=False)
    probe_share = _share()


class ReviewPolicyView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="review_policy", responses=ReviewPolicySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How masklets are verified here, and what of it the team cannot do (owners)."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        access.require(person(request), project.pk, Role.OWNER)
        return self._told(project)

    @extend_schema(
        operation_id="review_policy_change", request=ReviewPolicyChange, responses=ReviewPolicySerializer
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change some of it (owners). What waits already ends as it began."""
        project = access.find_project(request.user, pk)
        policies.change(actor=person(request), project=project, **valid(ReviewPolicyChange, request))
        return self._told(project)

    def _told(self, project: Project) -> Response:
        policy = policies.of(project.pk)
        return Response(ReviewPolicySerializer(policy, context={"project": project}).data)
