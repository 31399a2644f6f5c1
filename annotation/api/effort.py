"""The ledger of effort: told by the page, read as Table 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation import metrics
from annotation.models import Interaction
from annotation.services import effort
from engine import access, limits
from engine.api import spreadsheet
from engine.api.filters import refuse_unknown
from engine.api.permissions import SignedIn
from engine.api.requests import LEASE_TOKEN, lease_token, person, valid
from engine.api.serializers import InputSerializer
from engine.errors import InvalidInput
from engine.models.project import PHASES
from vos.alignment import Alignment

MOST_MS, MOST_STROKES, MOST_ENTRIES = 600_000, 1000, 500
SHOWN_ROWS = 500  #: of a table; the CSV has all


class EntryInput(InputSerializer):
    sequence = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    frame_idx = serializers.IntegerField(min_value=0)
    active_ms = serializers.IntegerField(min_value=0, max_value=MOST_MS)
    wait_ms = serializers.IntegerField(min_value=0, max_value=MOST_MS)
    strokes = serializers.IntegerField(min_value=0, max_value=MOST_STROKES, default=0)
    tool = serializers.ChoiceField(Interaction.Tool.choices)


class EffortInput(InputSerializer):
    entries = serializers.ListField(child=EntryInput(), min_length=1, max_length=MOST_ENTRIES)


class ToldSerializer(serializers.Serializer[Any]):
    taken = serializers.IntegerField(help_text="entries that are new")
    known = serializers.IntegerField(help_text="entries that were told before")
    bounded_ms = serializers.IntegerField(help_text="what was cut, since no more time has passed")


class AlignmentSerializer(serializers.Serializer[Any]):
    all = serializers.FloatField(allow_null=True)
    small = serializers.FloatField(allow_null=True)
    medium = serializers.FloatField(allow_null=True)
    large = serializers.FloatField(allow_null=True)
    masks = serializers.IntegerField()


class EffortRowSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    masklets = serializers.IntegerField()
    frames = serializers.IntegerField()
    active_seconds = serializers.FloatField()
    wait_seconds = serializers.FloatField()
    seconds_per_frame = serializers.FloatField(allow_null=True)
    edited_frames_share = serializers.FloatField(allow_null=True)
    clicked_frames = serializers.IntegerField()
    clicks = serializers.IntegerField()
    clicks_per_clicked_frame = serializers.FloatField(allow_null=True)
    boxes = serializers.IntegerField()
    masks = serializers.IntegerField()
    strokes = serializers.IntegerField()
    alignment = AlignmentSerializer(allow_null=True)


class PaperRowSerializer(serializers.Serializer[Any]):
    phase = serializers.IntegerField()
    seconds_per_frame = serializers.FloatField()
    edited_frames_share = serializers.FloatField()
    clicks_per_clicked_frame = serializers.FloatField()
    alignment = AlignmentSerializer(allow_null=True)


class EffortTableSerializer(serializers.Serializer[Any]):
    by = serializers.ChoiceField(metrics.KEYS)
    rows = EffortRowSerializer(many=True, help_text="the first 500; the CSV has all")
    row_count = serializers.IntegerField(help_text="how many rows the table has")
    total = EffortRowSerializer(allow_null=True)
    paper = PaperRowSerializer(many=True, help_text="SAM 2 paper, Table 1")
    definitions = serializers.DictField(child=serializers.CharField(), help_text="by column")


class DaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    active_seconds = serializers.FloatField()
    frames = serializers.IntegerField()
    clicks = serializers.IntegerField()


class OwnEffortSerializer(serializers.Serializer[Any]):
    today = EffortRowSerializer(allow_null=True, help_text="masklets that were submitted today")
    days = DaySerializer(many=True)


class TellView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="assignments_effort",
        request=EffortInput,
        responses=ToldSerializer,
        parameters=[LEASE_TOKEN],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Tell how long you were at work, and waited, on which frame. What was told before is left out."""
        told = effort.tell(
            actor=person(request),
            assignment_id=pk,
            token=lease_token(request),
            **valid(EffortInput, request),
        )
        return Response(ToldSerializer(told).data)


FILTERS = [
    OpenApiParameter("by", str, enum=metrics.KEYS, description="what a row is; phase if left out"),
    OpenApiParameter("phase", int, enum=PHASES),
    OpenApiParameter("person", str, description="a user name"),
    OpenApiParameter("video", int),
    OpenApiParameter("trial", bool, description="only controlled experiments, or none of them"),
]


class EffortView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_effort", responses=EffortTableSerializer, parameters=FILTERS)
    def get(self, request: Request, pk: int) -> Response:
        """Table 1 about this project. Owners see everybody's effort, others their own."""
        return Response(EffortTableSerializer(_table(request, pk, first=SHOWN_ROWS)).data)


class EffortCsvView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="projects_effort_csv",
        responses={(200, "text/csv"): OpenApiTypes.STR},
        parameters=FILTERS,
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The same as CSV, the columns of the alignment with its name before theirs."""
        table = _table(request, pk)
        rows = [_flat(row) for row in table["rows"]]
        return spreadsheet.answer(f"effort-by-{table['by']}.csv", COLUMNS, rows)


class OwnEffortView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_effort_mine", responses=OwnEffortSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Your own account in this project."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        return Response(OwnEffortSerializer(metrics.mine(actor=person(request), project=project)).data)


COLUMNS = [
    *(name for name in metrics.Row.__annotations__ if name != "alignment"),
    *(f"alignment_{name}" for name in Alignment.__annotations__),
]


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    alignment = row["alignment"] or {}
    flat = {name: value for name, value in row.items() if name != "alignment"}
    flat |= {f"alignment_{name}": alignment.get(name) for name in Alignment.__annotations__}
    for name in ("key", "label"):
        flat[name] = spreadsheet.safe(flat[name])
    return flat


def _table(request: Request, pk: int, *, first: int | None = None) -> dict[str, Any]:
    project = access.find_project(request.user, pk)
    by, filters = _asked(request)
    with limits.one_at_a_time("effort", project.pk):
        return metrics.table(actor=person(request), project=project, by=by, filters=filters, first=first)


def _asked(request: Request) -> tuple[str, metrics.Filters]:
    """What the address asks for; a 400 for what nobody can mean."""
    refuse_unknown(request, *(parameter.name for parameter in FILTERS))
    asked = request.query_params
    by = asked.get("by", "phase")
    if by not in metrics.KEYS:
        raise InvalidInput(f"A row is a {', '.join(metrics.KEYS[:-1])} or {metrics.KEYS[-1]}.")
    if asked.get("trial", "true") not in ("true", "false"):
        raise InvalidInput("trial is true or false.")
    trial = asked["trial"] == "true" if "trial" in asked else None
    numbers = {name: asked[name] for name in ("phase", "video") if name in asked}
    for name, text in numbers.items():
        if not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise InvalidInput(f"{name} must be a whole number, 0 or more.")
    values = {name: int(text) for name, text in numbers.items()}
    return by, metrics.Filters(person=asked.get("person"), trial=trial, **values)
