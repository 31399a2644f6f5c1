from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Prefetch, QuerySet
from django_filters.rest_framework import (
    CharFilter,
    ChoiceFilter,
    FilterSet,
    NumberFilter,
)
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access, storage
from engine.api import serializers as s
from engine.api.filters import KnownFilters
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid, whole
from engine.errors import WrongState
from engine.models import Masklet, Video, VideoStatus
from engine.services import ingest, splits


class VideoFilter(FilterSet):
    project = NumberFilter(field_name="project_id")
    status = ChoiceFilter(choices=VideoStatus.choices)
    name = CharFilter(lookup_expr="icontains")


def video_rows(user: User | AnonymousUser) -> QuerySet[Video]:
    # Not their whole rows, and not the runs of all that was ever done with the video: a page counts and shows one.
    masklets = Prefetch(
        "masklets", access.masklets(Masklet.objects.only("video_id", "status").order_by(), user)
    )
    return ingest.with_runs(Video.objects.prefetch_related(masklets))


class VideosView(generics.ListAPIView[Video]):
    permission_classes = [SignedIn]
    serializer_class = s.VideoSerializer
    filter_backends = [KnownFilters]
    filterset_class = VideoFilter

    def get_queryset(self) -> QuerySet[Video]:
        return access.visible(video_rows(self.request.user), self.request.user)


class VideoView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.VideoSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.VideoSerializer(access.find(video_rows(request.user), request.user, pk)).data)

    @extend_schema(request=s.VideoChange, responses=s.VideoSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Say its split, environment or group (owners)."""
        video = access.find(Video.objects.select_related("project"), request.user, pk)
        told = valid(s.VideoChange, request)
        splits.describe(actor=person(request), project=video.project, videos=[pk], **told)
        return Response(s.VideoSerializer(video_rows(request.user).get(pk=pk)).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove a video (owners): one that failed at once, another into the bin with its masklets."""
        ingest.remove(actor=person(request), video=access.find(Video.objects.all(), request.user, pk))
        return Response(status=204)


class BatchView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_videos", request=s.VideosChange, responses={204: None})
    def patch(self, request: Request, pk: int) -> Response:
        """Say the split, environment or group of several videos, give them tags or take some (owners)."""
        project = access.find_project(request.user, pk)
        splits.describe(actor=person(request), project=project, **valid(s.VideosChange, request))
        return Response(status=204)


class FramesView(APIView):
    permission_classes = [SignedIn]
    most = 500

    @extend_schema(
        responses=s.FramesSerializer,
        parameters=[
            OpenApiParameter("start", int),
            OpenApiParameter("count", int, description="at most 500"),
        ],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Links to the stored JPEG frames, in order."""
        video = access.find(Video.objects.all(), request.user, pk)
        if video.status != VideoStatus.READY or video.frame_count is None:
            raise WrongState("This video has no frames yet.", status=video.status)
        start, count = whole(request, "start", 0), whole(request, "count", 200)
        indexes = range(start, min(start + min(count, self.most), video.frame_count))
        return Response(
            {
                "frames": [
                    {
                        "frame_idx": i,
                        "url": storage.link(video.frame_key(i), content_type="image/jpeg"),
                    }
                    for i in indexes
                ],
                "expires_in": storage.URL_LIFETIME,
            }
        )
