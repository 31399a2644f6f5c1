from django.db.models import QuerySet
from django_filters.rest_framework import (
    BaseInFilter,
    CharFilter,
    FilterSet,
    NumberFilter,
)
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.filters import KnownFilters
from engine.api.permissions import SignedIn
from engine.api.requests import person
from engine.models import Run
from engine.models.run import LIVE
from engine.services import runs


class _In(BaseInFilter, CharFilter):
    """`kind=a,b`: any of them."""


class RunFilter(FilterSet):
    project = NumberFilter(field_name="project_id")
    masklet = NumberFilter(field_name="masklet_id")
    video = NumberFilter(field_name="video_id")
    kind = _In(lookup_expr="in")
    live = CharFilter(method="only_live")

    def only_live(self, rows: QuerySet[Run], name: str, value: str) -> QuerySet[Run]:
        return rows.filter(status__in=LIVE) if value in {"1", "true"} else rows.exclude(status__in=LIVE)


class RunsView(generics.ListAPIView[Run]):
    permission_classes = [SignedIn]
    serializer_class = s.RunSerializer
    filter_backends = [KnownFilters]
    filterset_class = RunFilter

    def get_queryset(self) -> QuerySet[Run]:
        return access.runs(Run.objects.select_related("actor"), self.request.user)


class RunView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.RunSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.RunSerializer(access.find_run(request.user, pk)).data)


class CancelView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=None, responses={202: s.RunSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Stop a run; what was done stays."""
        run = access.find_run(request.user, pk)
        return Response(s.RunSerializer(runs.cancel(run, actor=person(request))).data, status=202)
