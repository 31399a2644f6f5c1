"""Exports: what there is of one, its files, all of it as one ZIP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from stream_zip import NO_COMPRESSION_64, ZIP_64, stream_zip

from engine import access, storage
from engine.api import serializers as s
from engine.api.filters import refuse_unknown
from engine.api.pagination import OldestFirst
from engine.api.permissions import SignedIn
from engine.api.requests import person
from engine.errors import NotFound
from engine.models import Export, ExportFile, Release
from engine.services import exports
from vos.formats import FORMATS

#: What every member of a ZIP is dated, so that the same files are the same ZIP.
ZIP_DATE = datetime(1980, 1, 1, tzinfo=UTC)
FILE_MODE = 0o100644
ROWS_AT_ONCE = 500


class FormatsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="formats_list", responses=s.FormatSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The formats of datasets that are known here."""
        refuse_unknown(request)
        known = [
            {"name": each.name, "title": each.title, "lost": each.lost, "written": each.can_write}
            for each in FORMATS.values()
        ]
        return Response(s.FormatSerializer(known, many=True).data)


class ExportView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="exports_show", responses=s.ExportSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.ExportSerializer(_find(request, pk)).data)

    @extend_schema(operation_id="exports_remove", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take it away with its files (owners). The release can be written again, the same."""
        exports.remove(actor=person(request), export=_find(request, pk))
        return Response(status=204)


class FilesView(generics.ListAPIView[ExportFile]):
    """Its files with links that work for some minutes, for those to whom the project gives exports."""

    permission_classes = [SignedIn]
    serializer_class = s.ExportFileSerializer
    pagination_class = OldestFirst

    def get_queryset(self) -> QuerySet[ExportFile]:
        if getattr(self, "swagger_fake_view", False):
            return ExportFile.objects.none()
        return exports.downloadable(_find(self.request, self.kwargs["pk"]), person(self.request))


class ZipView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="exports_zip", responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> Any:
        """All of it as one ZIP, made while it is sent; the same each time."""
        export = _find(request, pk)
        files = exports.downloadable(export, person(request))
        answer = StreamingHttpResponse(
            stream_zip(_members(files), extended_timestamps=False), content_type="application/zip"
        )
        answer["Content-Disposition"] = content_disposition_header(True, exports.called(export))
        return answer


def _find(request: Request, pk: int) -> Export:
    rows = Export.objects.select_related("release__project", "run__actor")
    mine = access.visible(Release.objects.all(), request.user)
    found = rows.filter(release__in=mine, pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _members(files: QuerySet[ExportFile]) -> Iterator[Any]:
    """In the order of their names; the database is asked for some at a time, and not held while they are sent."""
    last = ""
    while rows := list(files.filter(name__gt=last).order_by("name")[:ROWS_AT_ONCE]):
        connection.close_if_unusable_or_obsolete()
        last = rows[-1].name
        for row in rows:
            # What an older version wrote has no CRC: it comes after the bytes, and a ZIP is no member of another.
            if row.crc32 is None and row.name.endswith(".zip"):
                continue
            method = ZIP_64 if row.crc32 is None else NO_COMPRESSION_64(row.size, row.crc32)
            yield row.name, ZIP_DATE, FILE_MODE, method, chain([b""], storage.chunks(row.key))
