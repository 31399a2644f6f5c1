from django.db.models import Prefetch, QuerySet
from django_filters.rest_framework import (
    BooleanFilter,
    CharFilter,
    FilterSet,
    MultipleChoiceFilter,
    NumberFilter,
)
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access, shapes
from engine.api import serializers as s
from engine.api.filters import KnownFilters
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid, whole
from engine.errors import NotFound
from engine.models import Masklet, MaskletStatus, Revision, Run
from engine.services import projects, revisions


class MaskletFilter(FilterSet):
    project = NumberFilter(field_name="project_id")
    video = NumberFilter(field_name="video_id")
    status = MultipleChoiceFilter(choices=MaskletStatus.choices)
    object_id = NumberFilter()
    label = CharFilter(lookup_expr="icontains", help_text="part of it")
    trial = BooleanFilter()


def masklet_rows() -> QuerySet[Masklet]:
    # Not all runs: every click that a masklet ever got left one.
    live = Prefetch("runs", Run.objects.live().changing_masks().select_related("actor"), to_attr="live_runs")
    return Masklet.objects.select_related("video", "revision", "assigned_to").prefetch_related(live)


class MaskletsView(generics.ListAPIView[Masklet]):
    permission_classes = [SignedIn]
    serializer_class = s.MaskletSerializer
    filter_backends = [KnownFilters]
    filterset_class = MaskletFilter

    def get_queryset(self) -> QuerySet[Masklet]:
        return access.masklets(masklet_rows(), self.request.user)


class MaskletView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.MaskletSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.MaskletSerializer(access.find_masklet(masklet_rows(), request.user, pk)).data)

    @extend_schema(request=s.MaskletChange, responses=s.MaskletSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Choose the phase of a masklet that nobody has begun (owners)."""
        masklet = projects.set_masklet_phase(
            actor=person(request), masklet_id=pk, **valid(s.MaskletChange, request)
        )
        return Response(s.MaskletSerializer(masklet).data)


class MasksView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        responses=s.MasksSerializer,
        parameters=[OpenApiParameter("revision", int, description="the current one if left out")],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Every mask of one revision. A live propagation's frames come by its events until it ends."""
        masklet = access.find_masklet(masklet_rows(), request.user, pk)
        revision = masklet.revision
        if "revision" in request.query_params:
            number = whole(request, "revision", 0)
            revision = Revision.objects.filter(masklet=masklet, number=number).first()
            if revision is None and number:
                raise NotFound
        masks = revisions.load(revision, video=masklet.video)
        body = {
            "revision": revision.number if revision else 0,
            **masks,
            "prompts": s.PromptSerializer(masklet.prompts.in_force(revision), many=True).data,
            "suggested_frames": shapes.dump(revision.suggested_frames) if revision else [],
            "doubt": revision.doubt if revision else 0.0,
        }
        return Response(body, headers={"ETag": f'"{body["revision"]}"'})


class RevisionsView(generics.ListAPIView[Revision]):
    permission_classes = [SignedIn]
    serializer_class = s.RevisionSerializer

    def get_queryset(self) -> QuerySet[Revision]:
        if getattr(self, "swagger_fake_view", False):
            return Revision.objects.none()
        masklet = access.find_masklet(Masklet.objects.all(), self.request.user, self.kwargs["pk"])
        return Revision.objects.filter(masklet=masklet).select_related("parent", "actor")
