from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.filters import refuse_unknown
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import InPerson, SignedIn
from engine.api.requests import person, valid
from engine.models import Project, Role
from engine.services import projects, quotas, removals


class ProjectsView(generics.ListAPIView[Project]):
    permission_classes = [SignedIn]
    serializer_class = s.ProjectSerializer

    def get_queryset(self) -> QuerySet[Project]:
        return Project.objects.visible_to(self.request.user)

    @extend_schema(request=s.ProjectInput, responses={201: s.ProjectSerializer}, parameters=[IDEMPOTENCY_KEY])
    @idempotent
    def post(self, request: Request) -> Response:
        project = projects.create_project(actor=person(request), **valid(s.ProjectInput, request))
        return Response(s.ProjectSerializer(project, context={"request": request}).data, status=201)


class ProjectView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.ProjectSerializer)
    def get(self, request: Request, pk: int) -> Response:
        project = access.find_project(request.user, pk)
        return Response(s.ProjectSerializer(project, context={"request": request}).data)

    @extend_schema(request=s.ProjectChange, responses=s.ProjectSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change some of its settings (owners)."""
        project = access.find_project(request.user, pk)
        projects.change_project(actor=person(request), project=project, **valid(s.ProjectChange, request))
        return Response(s.ProjectSerializer(project, context={"request": request}).data)


class RemoveProjectView(APIView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="projects_remove", request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Put it into the bin, from where it comes back for 30 days (owners)."""
        removals.remove_project(actor=person(request), project=access.find_project(request.user, pk))
        return Response(status=204)


class UsageView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_usage", responses=s.UsageSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What it takes of the installation, and may take (owners)."""
        project = access.find_project(request.user, pk)
        access.require(person(request), project.pk, Role.OWNER)
        usage = {
            "bytes": quotas.stored(project),
            "videos": quotas.videos(project),
            "runs": quotas.live_runs(project),
        }
        return Response(s.UsageSerializer(usage).data)


class BatchPhaseView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_phase", request=s.BatchPhaseInput, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Say in which phase new objects of a batch of videos are made; null: in the project's."""
        project = access.find_project(request.user, pk)
        projects.set_batch_phase(actor=person(request), project=project, **valid(s.BatchPhaseInput, request))
        return Response(status=204)


class MembersView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(responses=s.MembershipSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        return Response(s.MembershipSerializer(project.memberships.select_related("user"), many=True).data)


class MemberView(APIView):
    permission_classes = [InPerson]

    @extend_schema(request=s.MembershipChange, responses=s.MembershipSerializer)
    def patch(self, request: Request, pk: int, membership: int) -> Response:
        """Say which phases an annotator is trained for and how much of their work is looked at, or make a reviewer a
        senior (owners)."""
        project = access.find_project(request.user, pk)
        member = projects.change_member(
            actor=person(request),
            project=project,
            membership_id=membership,
            **valid(s.MembershipChange, request),
        )
        return Response(s.MembershipSerializer(member).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, membership: int) -> Response:
        """Take a role away (owners). Whoever has none left is no member, and sees nothing of the project."""
        project = access.find_project(request.user, pk)
        projects.remove_member(actor=person(request), project=project, membership_id=membership)
        return Response(status=204)
