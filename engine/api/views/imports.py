"""Datasets that come in, and masks of other models."""

from django.db.models import Prefetch, QuerySet
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
from engine.api.views.masklets import masklet_rows
from engine.errors import WrongState
from engine.models import DatasetImport, Run, Upload, Video
from engine.services import imports, ingest


def import_rows() -> QuerySet[DatasetImport]:
    runs = Prefetch("runs", Run.objects.select_related("actor"))
    return DatasetImport.objects.select_related("upload").prefetch_related(runs)


class ImportsView(generics.ListAPIView[DatasetImport]):
    permission_classes = [SignedIn]
    serializer_class = s.ImportSerializer

    def get_queryset(self) -> QuerySet[DatasetImport]:
        if getattr(self, "swagger_fake_view", False):
            return DatasetImport.objects.none()
        return import_rows().filter(project=access.find_project(self.request.user, self.kwargs["pk"]))

    @extend_schema(
        operation_id="projects_imports_begin",
        request=s.ImportInput,
        responses={201: s.UploadSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Announce an archive (owners). Its parts go where those of a video's upload go."""
        project = access.find_project(request.user, pk)
        upload = imports.begin(actor=person(request), project=project, **valid(s.ImportInput, request))
        return Response(s.UploadSerializer(upload).data, status=201)


class ImportView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="imports_show", responses=s.ImportSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.ImportSerializer(access.find(import_rows(), request.user, pk)).data)

    @extend_schema(
        operation_id="imports_again",
        request=None,
        responses={202: s.RunStartedSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Read it once more (owners): what failed goes on, what was refused is looked at anew."""
        row = access.find(DatasetImport.objects.all(), request.user, pk)
        run = imports.again(actor=person(request), row=row)
        return Response({"run": s.RunSerializer(run).data}, status=202)

    @extend_schema(operation_id="imports_remove", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take the archive away (owners). What came of it stays."""
        row = access.find(DatasetImport.objects.all(), request.user, pk)
        imports.remove(actor=person(request), row=row)
        return Response(status=204)


class CompleteView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="imports_complete", request=s.CompleteInput, responses=s.ImportSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """All parts have arrived: a run reads the archive."""
        parts = valid(s.CompleteInput, request)["parts"]
        row = access.find(import_rows(), request.user, pk)
        upload = Upload.objects.filter(dataset_import=row).first()
        if upload is None:
            raise WrongState("This archive has been uploaded already.", status=row.status)
        upload = ingest.find_upload(actor=person(request), pk=upload.pk)
        ingest.complete_upload(actor=person(request), upload=upload, parts=parts)
        return Response(s.ImportSerializer(import_rows().get(pk=pk)).data)


class PredictionsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="videos_predictions",
        request=s.PredictionsInput,
        responses={201: s.MaskletSerializer(many=True)},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Masks of another model become masklets (owners), all of them or none."""
        video = access.find(Video.objects.all(), request.user, pk)
        form = valid(s.PredictionsInput, request)
        made = imports.upload_predictions(actor=person(request), video=video, **form)
        rows = masklet_rows().filter(pk__in=[each.pk for each in made]).order_by("pk")
        return Response(s.MaskletSerializer(list(rows), many=True).data, status=201)
