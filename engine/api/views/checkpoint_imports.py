"""Checkpoints that come in from elsewhere."""

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
from engine.errors import WrongState
from engine.models import CheckpointImport, Run, Upload
from engine.services import checkpoint_imports, imports, ingest


def import_rows() -> QuerySet[CheckpointImport]:
    runs = Prefetch("runs", Run.objects.select_related("actor"))
    return CheckpointImport.objects.select_related("upload").prefetch_related(runs)


class CheckpointImportsView(generics.ListAPIView[CheckpointImport]):
    permission_classes = [SignedIn]
    serializer_class = s.CheckpointImportSerializer

    def get_queryset(self) -> QuerySet[CheckpointImport]:
        if getattr(self, "swagger_fake_view", False):
            return CheckpointImport.objects.none()
        return import_rows().filter(project=access.find_project(self.request.user, self.kwargs["pk"]))

    @extend_schema(
        operation_id="projects_checkpoint_imports_begin",
        request=s.CheckpointImportInput,
        responses={201: s.CheckpointImportSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Bring in a checkpoint (owners): from a location that the installation allows, or as a file, whose parts go
        where those of a video's upload go. It becomes a candidate."""
        project = access.find_project(request.user, pk)
        form = valid(s.CheckpointImportInput, request)
        made = checkpoint_imports.begin(actor=person(request), project=project, **form)
        return Response(s.CheckpointImportSerializer(import_rows().get(pk=made.pk)).data, status=201)


class CheckpointImportView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="checkpoint_imports_show", responses=s.CheckpointImportSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.CheckpointImportSerializer(access.find(import_rows(), request.user, pk)).data)

    @extend_schema(
        operation_id="checkpoint_imports_again",
        request=None,
        responses={202: s.RunStartedSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Read it once more, where that failed (owners)."""
        row = access.find(CheckpointImport.objects.all(), request.user, pk)
        run = checkpoint_imports.again(actor=person(request), row=row)
        return Response({"run": s.RunSerializer(run).data}, status=202)

    @extend_schema(operation_id="checkpoint_imports_remove", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take away one that came to nothing (owners)."""
        row = access.find(CheckpointImport.objects.all(), request.user, pk)
        imports.remove(actor=person(request), row=row)
        return Response(status=204)


class CompleteView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="checkpoint_imports_complete",
        request=s.CompleteInput,
        responses=s.CheckpointImportSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        """All parts have arrived: a run reads the file."""
        parts = valid(s.CompleteInput, request)["parts"]
        row = access.find(import_rows(), request.user, pk)
        upload = Upload.objects.filter(checkpoint_import=row).first()
        if upload is None:
            raise WrongState("This file has been uploaded already.", status=row.status)
        upload = ingest.find_upload(actor=person(request), pk=upload.pk)
        ingest.complete_upload(actor=person(request), upload=upload, parts=parts)
        return Response(s.CheckpointImportSerializer(import_rows().get(pk=pk)).data)
