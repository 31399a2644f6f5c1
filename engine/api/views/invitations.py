from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.filters import refuse_unknown
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import InPerson
from engine.api.requests import person, valid
from engine.services import invitations


class InvitationsView(APIView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="projects_invitations_list", responses=s.InvitationSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Who has not answered yet (owners)."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        pending = invitations.pending(actor=person(request), project=project)
        return Response(s.InvitationSerializer(pending, many=True).data)

    @extend_schema(
        operation_id="projects_invite",
        request=s.InvitationInput,
        responses={201: s.InvitationSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Ask somebody into the project (owners). The answer does not tell whether the user name exists."""
        form = valid(s.InvitationInput, request)
        made = invitations.invite(
            actor=person(request),
            project=access.find_project(request.user, pk),
            username=form["user"],
            role=form["role"],
        )
        return Response(s.InvitationSerializer(made).data, status=201)


class InvitationView(APIView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="projects_invitations_withdraw", responses={204: None})
    def delete(self, request: Request, pk: int, invitation: int) -> Response:
        """Withdraw it (owners)."""
        project = access.find_project(request.user, pk)
        invitations.withdraw(actor=person(request), project=project, invitation_id=invitation)
        return Response(status=204)


class OwnInvitationsView(APIView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="invitations_list", responses=s.OwnInvitationSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The projects that you are asked into."""
        refuse_unknown(request)
        mine = invitations.addressed_to(person(request))
        return Response(s.OwnInvitationSerializer(mine, many=True).data)


class AcceptView(APIView):
    permission_classes = [InPerson]

    @extend_schema(
        operation_id="invitations_accept",
        request=None,
        responses={201: s.MembershipSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Become a member."""
        membership = invitations.accept(actor=person(request), invitation_id=pk)
        return Response(s.MembershipSerializer(membership).data, status=201)


class DeclineView(APIView):
    permission_classes = [InPerson]

    @extend_schema(
        operation_id="invitations_decline",
        request=None,
        responses={204: None},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Say no; nobody is a member by that."""
        invitations.decline(actor=person(request), invitation_id=pk)
        return Response(status=204)
