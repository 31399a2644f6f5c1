from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine import access
from engine.api.serializers.base import InputSerializer
from engine.api.serializers.people import PersonSerializer
from engine.models import ExportsFor, MaskletStatus as M, Membership, Project, Role
from engine.models.project import Phase
from engine.services import counts


class ProjectCountsSerializer(serializers.Serializer[Any]):
    videos = serializers.IntegerField()
    to_annotate = serializers.IntegerField()
    to_verify = serializers.IntegerField(allow_null=True, help_text="null for those who review blindly")
    accepted = serializers.IntegerField(allow_null=True, help_text="null for those who review blindly")


class ProjectSerializer(serializers.ModelSerializer[Project]):
    exports_for = serializers.ChoiceField(ExportsFor.choices)
    roles = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = [
            "id",
            "name",
            "description",
            "fps",
            "annotate_every",
            "phase",
            "separate_selection",
            "separate_verification",
            "exports_for",
            "blind_review",
            "roles",
            "counts",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(Role.choices)))
    def get_roles(self, project: Project) -> list[str]:
        return self._page(project).roles[project.pk]

    @extend_schema_field(ProjectCountsSerializer)
    def get_counts(self, project: Project) -> dict[str, int | None]:
        return self._page(project).counts[project.pk]

    def _page(self, project: Project) -> Page:
        """What is counted of every project of a page at once."""
        page: Page | None = self.root.__dict__.get("_page_of_projects")
        if page is None or project.pk not in page.counts:
            shown = getattr(self.parent, "instance", None)
            projects = [row.pk for row in shown] if isinstance(shown, list) else [project.pk]
            page = self.root.__dict__["_page_of_projects"] = page_of(projects, self.context["request"].user)
        return page


class Page(NamedTuple):
    roles: dict[int, list[str]]
    counts: dict[int, dict[str, int | None]]


def page_of(projects: list[int], user: User | AnonymousUser) -> Page:
    masklets, videos = counts.masklets(projects), counts.videos(projects)
    roles: dict[int, list[str]] = {pk: [] for pk in projects}
    mine = Membership.objects.filter(project__in=projects, user_id=user.pk or 0).order_by("role")
    if scope := getattr(user, "scope", None):
        mine = mine.filter(project=scope.project_id, role=scope.role)
    for pk, role in mine.values_list("project_id", "role"):
        roles[pk].append(role)
    blind = set(access.blind_projects(user))
    shown: dict[int, dict[str, int | None]] = {
        pk: {
            "videos": sum(videos[pk].values()),
            "to_annotate": masklets[pk][M.SELECTED] + masklets[pk][M.NEEDS_REFINEMENT],
            "to_verify": None if pk in blind else masklets[pk][M.IN_VERIFICATION],
            "accepted": None if pk in blind else masklets[pk][M.ACCEPTED],
        }
        for pk in projects
    }
    return Page(roles, shown)


class ProjectInput(InputSerializer):
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=5000, allow_blank=True, default="")
    fps = serializers.FloatField(min_value=1, max_value=120, default=24.0)
    annotate_every = serializers.IntegerField(min_value=1, max_value=120, default=4)


class ProjectChange(InputSerializer):
    """What is left out stays as it is."""

    name = serializers.CharField(max_length=120, required=False)
    description = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    phase = serializers.ChoiceField(Phase.choices, required=False)
    separate_selection = serializers.BooleanField(required=False)
    separate_verification = serializers.BooleanField(required=False)
    exports_for = serializers.ChoiceField(ExportsFor.choices, required=False)


class ShareSerializer(serializers.Serializer[Any]):
    used = serializers.IntegerField()
    allowed = serializers.IntegerField()


class UsageSerializer(serializers.Serializer[Any]):
    bytes = ShareSerializer(help_text="of videos, exports and checkpoints in the object store")
    videos = ShareSerializer()
    runs = ShareSerializer(help_text="queued or running")


class BatchPhaseInput(InputSerializer):
    phase = serializers.ChoiceField(Phase.choices, allow_null=True)
    videos = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=1000)


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    user = PersonSerializer()
    role = serializers.ChoiceField(Role.choices)
    phases = serializers.ListField(child=serializers.ChoiceField(Phase.choices))

    class Meta:
        model = Membership
        fields = ["id", "user", "role", "phases", "senior", "look_share", "created_at"]
        read_only_fields = fields


class MembershipChange(InputSerializer):
    """What is left out stays as it is."""

    phases = serializers.ListField(
        child=serializers.ChoiceField(Phase.choices), min_length=1, max_length=len(Phase), required=False
    )
    senior = serializers.BooleanField(required=False)
    look_share = serializers.FloatField(min_value=0, max_value=1, allow_null=True, required=False)
