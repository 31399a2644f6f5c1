from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid, whole
from engine.models import Export, Project, Release
from engine.services import exports, releases, statistics


def release_rows() -> QuerySet[Release]:
    written = Prefetch("exports", Export.objects.select_related("release", "run__actor"))
    return releases.with_runs(Release.objects.select_related("project").prefetch_related(written))


def _told(request: Request, release: Release) -> dict[str, Any]:
    context = {"may_download": exports.may_download(person(request), release.project)}
    return s.ReleaseSerializer(release, context=context).data


class ReleasesView(generics.ListAPIView[Release]):
    permission_classes = [SignedIn]
    serializer_class = s.ReleaseSerializer

    def get_queryset(self) -> QuerySet[Release]:
        if getattr(self, "swagger_fake_view", False):
            return Release.objects.none()
        return release_rows().filter(project=self._project())

    def get_serializer_context(self) -> dict[str, Any]:
        told = dict(super().get_serializer_context())
        if getattr(self, "swagger_fake_view", False):
            return told
        return told | {"may_download": exports.may_download(person(self.request), self._project())}

    def _project(self) -> Project:
        return access.find_project(self.request.user, self.kwargs["pk"])

    @extend_schema(request=s.ReleaseInput, responses={201: s.ReleaseSerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        name = valid(s.ReleaseInput, request)["name"]
        release = releases.create_release(
            actor=person(request), project=access.find_project(request.user, pk), name=name
        )
        return Response(_told(request, release_rows().get(pk=release.pk)), status=201)


class ReleaseView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.ReleaseSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_told(request, access.find(release_rows(), request.user, pk)))


class FreezeView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=None, responses={202: s.RunStartedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Pin what is accepted now (owners); the run writes it down."""
        release = access.find(Release.objects.all(), request.user, pk)
        run = releases.freeze(actor=person(request), release=release)
        return Response({"run": s.RunSerializer(run).data}, status=202)


class ExportView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        request=s.ExportInput, responses={202: s.RunStartedSerializer}, parameters=[IDEMPOTENCY_KEY]
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        form = valid(s.ExportInput, request)
        release = access.find(Release.objects.all(), request.user, pk)
        run = exports.request(actor=person(request), release=release, format=form["format"])
        return Response({"run": s.RunSerializer(run).data}, status=202)


class FiguresView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="releases_figures", responses=s.ReleaseFiguresSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Its figures and how it came to be."""
        release = access.find(Release.objects.all(), request.user, pk)
        told = {
            "statistics": release.statistics,
            "lineage": release.lineage,
            "run": statistics.newest_run(release),
        }
        return Response(s.ReleaseFiguresSerializer(told).data)


class MeasureView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="releases_measure",
        request=None,
        responses={202: s.RunStartedSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Have a run measure it (owners)."""
        release = access.find(Release.objects.all(), request.user, pk)
        run = statistics.request(actor=person(request), release=release)
        return Response({"run": s.RunSerializer(run).data}, status=202)


class DiffView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="releases_diff",
        responses=s.ReleaseDiffSerializer,
        parameters=[OpenApiParameter("other", int, required=True, description="another release")],
    )
    def get(self, request: Request, pk: int) -> Response:
        """What it has beside another release of the project, lacks of it, and has otherwise."""
        rows = Release.objects.all()
        release = access.find(rows, request.user, pk)
        other = access.find(rows, request.user, whole(request, "other", 0))
        return Response(s.ReleaseDiffSerializer(statistics.diff(release, other)).data)
