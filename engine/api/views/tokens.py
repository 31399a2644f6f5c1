from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.filters import refuse_unknown
from engine.api.permissions import InPerson
from engine.api.requests import person, valid
from engine.services import tokens

MOST = 500  #: that a list tells


class TokensView(APIView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="projects_tokens_list", responses=s.TokenSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Your API tokens in this project, newest first; owners see everybody's."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        rows = tokens.listed(actor=person(request), project=project)[:MOST]
        return Response(s.TokenSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="projects_tokens_create", request=s.TokenInput, responses={201: s.NewTokenSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Make one. Its secret is in this answer and nowhere else; sent again, the name is taken."""
        form = valid(s.TokenInput, request)
        project = access.find_project(request.user, pk)
        token, secret = tokens.create(actor=person(request), project=project, **form)
        return Response(s.TokenSerializer(token).data | {"secret": secret}, status=201)


class TokenView(APIView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="projects_tokens_revoke", responses={204: None})
    def delete(self, request: Request, pk: int, token: int) -> Response:
        """Revoke one of yours, or as an owner anybody's."""
        project = access.find_project(request.user, pk)
        tokens.revoke(actor=person(request), project=project, token_id=token)
        return Response(status=204)
