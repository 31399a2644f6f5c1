"""Exports: what there is of one, its files, all of it as one ZIP."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Count, Func, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.filters import refuse_unknown
from engine.api.pagination import OldestFirst
from engine.api.permissions import SignedIn
from engine.api.ranges import Unsatisfiable, wanted
from engine.api.requests import person
from engine.api.schema import ErrorSerializer
from engine.errors import NotFound, WrongState
from engine.models import Export, ExportFile, Release
from engine.services import exports
from engine.zips import Member, Zip
from vos.formats import FORMATS

ROWS_AT_ONCE = 5_000
ZIP = "application/zip"


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

    @extend_schema(
        operation_id="exports_zip",
        responses={(200, ZIP): OpenApiTypes.BINARY, (206, ZIP): OpenApiTypes.BINARY, 416: ErrorSerializer},
        parameters=[
            OpenApiParameter(
                "Range", str, OpenApiParameter.HEADER, description="bytes=FIRST-[LAST]; one of them"
            ),
            OpenApiParameter(
                "If-Range", str, OpenApiParameter.HEADER, description="the ETag of what was begun"
            ),
        ],
    )
    def get(self, request: Request, pk: int) -> Any:
        """All of it as one ZIP, made while it is sent; the same each time, so that a download goes on after a break."""
        export = _find(request, pk)
        made = _zip(exports.downloadable(export, person(request)))
        about = {
            "Accept-Ranges": "bytes",
            "ETag": f'"{export.sha256}"',
            "Content-Disposition": content_disposition_header(True, exports.called(export)),
        }
        try:
            part = wanted(request.headers, made.size, etag=about["ETag"])
        except Unsatisfiable as error:
            refusal = {"code": "no_such_bytes", "message": str(error), "details": {"bytes": made.size}}
            return Response(refusal, status=416, headers={"Content-Range": f"bytes */{made.size}"})
        start, stop = part or (0, made.size)
        about["Content-Length"] = str(stop - start)
        if part:
            about["Content-Range"] = f"bytes {start}-{stop - 1}/{made.size}"
        status = 206 if part else 200
        return StreamingHttpResponse(made.send(start, stop), status=status, content_type=ZIP, headers=about)


def _find(request: Request, pk: int) -> Export:
    rows = Export.objects.select_related("release__project", "run__actor")
    mine = access.visible(Release.objects.all(), request.user)
    found = rows.filter(release__in=mine, pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _zip(files: QuerySet[ExportFile]) -> Zip:
    """Raises `WrongState` where an older version has not noted what a ZIP says of a file before its bytes."""
    if files.filter(crc32=None).exists():
        raise WrongState(
            "An older version wrote this export. Write it again to have it as one ZIP; its files come one by one."
        )
    names = Func("name", function="octet_length", output_field=BigIntegerField())  # the database speaks UTF-8
    sums = files.aggregate(count=Count("pk"), content=Coalesce(Sum("size"), 0), names=Coalesce(Sum(names), 0))
    return Zip(lambda: _members(files), **sums)


def _members(files: QuerySet[ExportFile]) -> Iterator[Member]:
    """In the order of their names; the database is asked for some at a time, and not held while they are sent."""
    last = ""
    while rows := list(files.filter(name__gt=last).order_by("name")[:ROWS_AT_ONCE]):
        connection.close_if_unusable_or_obsolete()
        last = rows[-1].name
        for row in rows:
            assert row.crc32 is not None
            yield Member(row.name, row.key, row.size, row.crc32)
