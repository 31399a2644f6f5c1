from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.api.views.videos import video_rows
from engine.errors import WrongState
from engine.services import ingest


class UploadsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=s.UploadInput, responses={201: s.UploadSerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        form = valid(s.UploadInput, request)
        project = access.find_project(request.user, pk)
        form.pop("content_type", None)
        upload = ingest.begin_upload(actor=person(request), project=project, **form)
        return Response(s.UploadSerializer(upload).data, status=201)


class UploadView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.UploadSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.UploadSerializer(ingest.find_upload(actor=person(request), pk=pk)).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        upload = ingest.find_upload(actor=person(request), pk=pk)
        ingest.abort_upload(actor=person(request), upload=upload)
        return Response(status=204)


class PartsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.PartsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The parts that S3 holds already, so that an upload can go on after a reload."""
        upload = ingest.find_upload(actor=person(request), pk=pk)
        return Response({"parts": ingest.uploaded_parts(upload)})

    @extend_schema(request=s.PartLinksInput, responses=s.PartLinksSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Presigned links to put parts to."""
        numbers = valid(s.PartLinksInput, request)["part_numbers"]
        links = ingest.part_links(ingest.find_upload(actor=person(request), pk=pk), numbers)
        return Response({"urls": {str(number): url for number, url in links.items()}})


class CompleteView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=s.CompleteInput, responses=s.VideoSerializer)
    def post(self, request: Request, pk: int) -> Response:
        parts = valid(s.CompleteInput, request)["parts"]
        upload = ingest.find_upload(actor=person(request), pk=pk)
        if upload.video is None:
            raise WrongState("This is the upload of an archive: complete it at its import.")
        video = ingest.complete_upload(actor=person(request), upload=upload, parts=parts)
        return Response(s.VideoSerializer(video_rows(request.user).get(pk=video.pk)).data)
