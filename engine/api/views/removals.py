"""The bin: what owners removed, and the way back."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.filters import refuse_unknown
from engine.api.permissions import InPerson, SignedIn
from engine.api.requests import person
from engine.api.views.videos import video_rows
from engine.models import Role
from engine.services import removals

MOST = 500  #: that a list tells


class BinView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_bin_list", responses=s.BinnedVideoSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Removed videos that can come back, the last one first (owners)."""
        project = access.find_project(request.user, pk)
        access.require(person(request), project.pk, Role.OWNER)
        refuse_unknown(request)
        return Response(s.BinnedVideoSerializer(removals.videos(project)[:MOST], many=True).data)


class RestoreVideoView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_bin_restore", request=None, responses=s.VideoSerializer)
    def post(self, request: Request, pk: int, video: int) -> Response:
        """Take a video out of the bin, with its masklets (owners)."""
        project = access.find_project(request.user, pk)
        row = removals.restore_video(actor=person(request), project=project, video_id=video)
        return Response(s.VideoSerializer(video_rows(request.user).get(pk=row.pk)).data)


class ProjectsBinView(APIView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="bin_list", responses=s.BinnedProjectSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Projects that you own and that were removed."""
        refuse_unknown(request)
        return Response(s.BinnedProjectSerializer(removals.projects(person(request))[:MOST], many=True).data)


class RestoreProjectView(APIView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="bin_restore", request=None, responses=s.ProjectSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take a project of yours out of the bin."""
        project = removals.restore_project(actor=person(request), project_id=pk)
        return Response(s.ProjectSerializer(project, context={"request": request}).data)
