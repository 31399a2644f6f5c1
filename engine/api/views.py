"""The ground floor's counter: sessions, projects, videos, uploads, masklets to read, runs, releases."""

from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db.models import Model, QuerySet
from django.middleware.csrf import get_token
from django_filters.rest_framework import (
    BaseInFilter,
    CharFilter,
    ChoiceFilter,
    DjangoFilterBackend,
    FilterSet,
    MultipleChoiceFilter,
    NumberFilter,
)
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField
from rest_framework.views import APIView

from engine import access, storage
from engine.api import serializers as s
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY
from engine.api.idempotency import idempotent
from engine.api.permissions import Anyone, SignedIn
from engine.errors import InvalidInput, MaskloopError, NotFound, WrongState
from engine.models import (
    Checkpoint,
    Masklet,
    MaskletStatus,
    Project,
    Release,
    Revision,
    Run,
    Video,
    VideoStatus,
)
from engine.models.run import LIVE
from engine.services import ingest, projects, releases, revisions, runs

M = TypeVar("M", bound=Model)


class BadCredentials(MaskloopError):
    status = 401
    code = "bad_credentials"
    message = "The user name or the password is wrong."


class SignInInput(s.InputSerializer):
    username = CharField(max_length=150)
    password = CharField(max_length=200, trim_whitespace=False)


def valid(serializer: type[s.InputSerializer], request: Request) -> dict[str, Any]:
    """The request's body as `serializer` understands it; a 400 with every field's sentence otherwise."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class SessionView(APIView):
    permission_classes = [Anyone]

    @extend_schema(responses=s.SessionSerializer, operation_id="session_show")
    def get(self, request: Request) -> Response:
        """Who is signed in; also sets the CSRF cookie that writes need."""
        get_token(request._request)
        return Response(_session(request))

    @extend_schema(request=SignInInput, responses=s.SessionSerializer, operation_id="session_sign_in")
    def post(self, request: Request) -> Response:
        form = valid(SignInInput, request)
        user = authenticate(request._request, **form)
        if user is None:
            raise BadCredentials
        login(request._request, user)
        request.user = user
        return Response(_session(request))

    @extend_schema(request=None, responses={204: None}, operation_id="session_sign_out")
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)


def _session(request: Request) -> dict[str, Any]:
    return {
        "user": s.PersonSerializer(request.user).data if request.user.is_authenticated else None,
        "streams_origin": settings.STREAMS_ORIGIN,
        "version": settings.VERSION,
    }


class ProjectsView(generics.ListAPIView[Project]):
    permission_classes = [SignedIn]
    serializer_class = s.ProjectSerializer

    def get_queryset(self) -> QuerySet[Project]:
        return Project.objects.visible_to(self.request.user)

    @extend_schema(request=s.ProjectInput, responses={201: s.ProjectSerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request) -> Response:
        project = projects.create_project(actor=request.user, **valid(s.ProjectInput, request))
        return Response(s.ProjectSerializer(project, context={"request": request}).data, status=201)


class ProjectView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.ProjectSerializer)
    def get(self, request: Request, pk: int) -> Response:
        project = access.find_project(request.user, pk)
        return Response(s.ProjectSerializer(project, context={"request": request}).data)


class MembersView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.MembershipSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        project = access.find_project(request.user, pk)
        return Response(s.MembershipSerializer(project.memberships.select_related("user"), many=True).data)

    @extend_schema(
        request=s.MembershipInput,
        responses={201: s.MembershipSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        form = valid(s.MembershipInput, request)
        membership = projects.add_member(
            actor=request.user,
            project=access.find_project(request.user, pk),
            username=form["user"],
            role=form["role"],
        )
        return Response(s.MembershipSerializer(membership).data, status=201)


class CheckpointsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.CheckpointSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        rows = Checkpoint.objects.filter(project=access.find_project(request.user, pk))
        return Response(s.CheckpointSerializer(rows, many=True).data)


class VideoFilter(FilterSet):
    project = NumberFilter(field_name="project_id")
    status = ChoiceFilter(choices=VideoStatus.choices)
    name = CharFilter(lookup_expr="icontains")


def video_rows() -> QuerySet[Video]:
    return Video.objects.prefetch_related("masklets", "runs__actor")


class VideosView(generics.ListAPIView[Video]):
    permission_classes = [SignedIn]
    serializer_class = s.VideoSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = VideoFilter

    def get_queryset(self) -> QuerySet[Video]:
        return access.visible(video_rows(), self.request.user)


class VideoView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.VideoSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.VideoSerializer(access.find(video_rows(), request.user, pk)).data)


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
        start, count = _whole(request, "start", 0), _whole(request, "count", 200)
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


def _whole(request: Request, name: str, default: int) -> int:
    """A query parameter that is a whole number, 0 or more."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidInput(f"{name} must be a whole number, 0 or more.")
    return int(text)


class UploadsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=s.UploadInput, responses={201: s.UploadSerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        form = valid(s.UploadInput, request)
        project = access.find_project(request.user, pk)
        upload = ingest.begin_upload(
            actor=request.user, project=project, name=form["name"], size=form["size"]
        )
        return Response(s.UploadSerializer(upload).data, status=201)


class UploadView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.UploadSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.UploadSerializer(ingest.find_upload(actor=request.user, pk=pk)).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        ingest.abort_upload(upload=ingest.find_upload(actor=request.user, pk=pk))
        return Response(status=204)


class PartsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.PartsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The parts that S3 holds already, so that an upload can go on after a reload."""
        upload = ingest.find_upload(actor=request.user, pk=pk)
        return Response({"parts": ingest.uploaded_parts(upload)})

    @extend_schema(request=s.PartLinksInput, responses=s.PartLinksSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Presigned links to put parts to."""
        numbers = valid(s.PartLinksInput, request)["part_numbers"]
        links = ingest.part_links(ingest.find_upload(actor=request.user, pk=pk), numbers)
        return Response({"urls": {str(number): url for number, url in links.items()}})


class CompleteView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=s.CompleteInput, responses=s.VideoSerializer)
    def post(self, request: Request, pk: int) -> Response:
        parts = valid(s.CompleteInput, request)["parts"]
        upload = ingest.find_upload(actor=request.user, pk=pk)
        video = ingest.complete_upload(actor=request.user, upload=upload, parts=parts)
        return Response(s.VideoSerializer(video_rows().get(pk=video.pk)).data)


class _In(BaseInFilter, CharFilter):
    """`status=a,b`: any of them."""


class MaskletFilter(FilterSet):
    project = NumberFilter(field_name="project_id")
    video = NumberFilter(field_name="video_id")
    status = MultipleChoiceFilter(choices=MaskletStatus.choices)
    object_id = NumberFilter()


def masklet_rows() -> QuerySet[Masklet]:
    return Masklet.objects.select_related("video", "revision").prefetch_related("runs__actor")


class MaskletsView(generics.ListAPIView[Masklet]):
    permission_classes = [SignedIn]
    serializer_class = s.MaskletSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = MaskletFilter

    def get_queryset(self) -> QuerySet[Masklet]:
        return access.visible(masklet_rows(), self.request.user)


class MaskletView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.MaskletSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.MaskletSerializer(access.find(masklet_rows(), request.user, pk)).data)


class MasksView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        responses=s.MasksSerializer,
        parameters=[OpenApiParameter("revision", int, description="the current one if left out")],
    )
    def get(self, request: Request, pk: int) -> Response:
        """Every mask of one revision. A live propagation's frames come by its events until it ends."""
        masklet = access.find(masklet_rows(), request.user, pk)
        revision = masklet.revision
        if "revision" in request.query_params:
            number = _whole(request, "revision", 0)
            revision = Revision.objects.filter(masklet=masklet, number=number).first()
            if revision is None and number:
                raise NotFound
        masks = revisions.load(revision, video=masklet.video)
        body = {
            "revision": revision.number if revision else 0,
            **masks,
            "prompts": s.PromptSerializer(masklet.prompts.in_force(revision), many=True).data,  # type: ignore[attr-defined]
        }
        return Response(body, headers={"ETag": f'"{body["revision"]}"'})


class RevisionsView(generics.ListAPIView[Revision]):
    permission_classes = [SignedIn]
    serializer_class = s.RevisionSerializer

    def get_queryset(self) -> QuerySet[Revision]:
        if getattr(self, "swagger_fake_view", False):
            return Revision.objects.none()
        masklet = access.find(Masklet.objects.all(), self.request.user, self.kwargs["pk"])
        return Revision.objects.filter(masklet=masklet).select_related("parent", "actor")


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
    filter_backends = [DjangoFilterBackend]
    filterset_class = RunFilter

    def get_queryset(self) -> QuerySet[Run]:
        return access.visible(Run.objects.select_related("actor"), self.request.user)


class RunView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.RunSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.RunSerializer(access.find(Run.objects.all(), request.user, pk)).data)


class CancelView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=None, responses={202: s.RunSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Stop a run; what was done stays."""
        run = access.find(Run.objects.all(), request.user, pk)
        return Response(s.RunSerializer(runs.cancel(run, actor=request.user)).data, status=202)


def release_rows() -> QuerySet[Release]:
    return Release.objects.prefetch_related("items__masklet", "files", "runs__actor")


class ReleasesView(generics.ListAPIView[Release]):
    permission_classes = [SignedIn]
    serializer_class = s.ReleaseSerializer

    def get_queryset(self) -> QuerySet[Release]:
        if getattr(self, "swagger_fake_view", False):
            return Release.objects.none()
        return release_rows().filter(project=access.find_project(self.request.user, self.kwargs["pk"]))

    @extend_schema(request=s.ReleaseInput, responses={201: s.ReleaseSerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        name = valid(s.ReleaseInput, request)["name"]
        release = releases.create_release(
            actor=request.user, project=access.find_project(request.user, pk), name=name
        )
        return Response(s.ReleaseSerializer(release).data, status=201)


class ReleaseView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.ReleaseSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(s.ReleaseSerializer(access.find(release_rows(), request.user, pk)).data)


class FreezeView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(request=None, responses=s.ReleaseSerializer)
    def post(self, request: Request, pk: int) -> Response:
        release = access.find(Release.objects.all(), request.user, pk)
        releases.freeze(actor=request.user, release=release)
        return Response(s.ReleaseSerializer(release_rows().get(pk=pk)).data)


class ExportView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        request=s.ExportInput, responses={202: s.RunStartedSerializer}, parameters=[IDEMPOTENCY_KEY]
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        form = valid(s.ExportInput, request)
        release = access.find(Release.objects.all(), request.user, pk)
        run = releases.export(actor=request.user, release=release, format=form["format"])
        return Response({"run": s.RunSerializer(run).data}, status=202)
