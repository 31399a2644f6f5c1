"""The audit ledger of a project, for its owners."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django_filters.rest_framework import CharFilter, ChoiceFilter, DateFilter, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access, limits
from engine.api import serializers as s, spreadsheet
from engine.api.filters import KnownFilters
from engine.api.permissions import SignedIn
from engine.api.requests import person
from engine.models import AuditEntry, AuditKind, Project, Role
from engine.services import audit, audit_words

COLUMNS = ["number", "at", "who", "what", "changes", "reason", "kind", "subject_type", "subject_id", "sha256"]


class AuditFilter(FilterSet):
    person = CharFilter(field_name="actor_name")
    kind = ChoiceFilter(choices=AuditKind.choices)
    since = DateFilter(field_name="at", lookup_expr="date__gte", label="the first day, UTC")
    until = DateFilter(field_name="at", lookup_expr="date__lte", label="the last day, UTC")


class _Entries(generics.GenericAPIView[AuditEntry]):
    filter_backends = [KnownFilters]
    filterset_class = AuditFilter
    serializer_class = s.AuditEntrySerializer

    def get_queryset(self) -> QuerySet[AuditEntry]:
        if getattr(self, "swagger_fake_view", False):
            return AuditEntry.objects.none()
        return AuditEntry.objects.filter(project=_of_owner(self.request, self.kwargs["pk"]))


class AuditView(generics.ListAPIView[AuditEntry], _Entries):
    """Who changed what in this project, newest first (owners)."""

    permission_classes = [SignedIn]


class AuditCsvView(_Entries):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_audit_csv", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The same as CSV, all of it, oldest first."""
        entries = self.filter_queryset(self.get_queryset()).order_by("number")
        return spreadsheet.answer(f"audit-of-project-{pk}.csv", COLUMNS, map(_row, entries.iterator()))


class AuditCheckView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_audit_check", responses=s.AuditCheckSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Whether every entry of this project is what was written there (owners); all of them are hashed anew."""
        project = _of_owner(request, pk)
        with limits.one_at_a_time("audit", project.pk):
            chain = audit.verify(project.pk)
        people = AuditEntry.objects.filter(project=project).order_by("actor_name")
        names = people.values_list("actor_name", flat=True).distinct()
        told = {
            "entries": chain.entries,
            "whole": chain.whole,
            "broken_at": chain.broken_at,
            "head": chain.head,
            "people": list(names),
        }
        return Response(s.AuditCheckSerializer(told).data)


def _of_owner(request: Request, pk: int) -> Project:
    project = access.find_project(request.user, pk)
    access.require(person(request), project.pk, Role.OWNER)
    return project


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "who": spreadsheet.safe(entry.actor_name),
        "what": audit_words.sentence(entry),
        "changes": spreadsheet.safe("; ".join(map(audit_words.line, audit_words.changes(entry)))),
        "reason": spreadsheet.safe(entry.reason),
        "kind": entry.kind,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "sha256": entry.sha256,
    }
