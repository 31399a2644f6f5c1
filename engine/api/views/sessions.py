from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField
from rest_framework.views import APIView

from engine import limits
from engine.api import serializers as s
from engine.api.permissions import Anyone, InPerson
from engine.api.requests import person, sender, valid
from engine.errors import BadCredentials
from engine.services import people


class SignInInput(s.InputSerializer):
    username = CharField(max_length=150)
    password = CharField(max_length=200, trim_whitespace=False)


class PasswordInput(s.InputSerializer):
    current = CharField(max_length=200, trim_whitespace=False)
    password = CharField(max_length=200, trim_whitespace=False)


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
        with limits.signing_in(form["username"], sender(request)):
            user = authenticate(request._request, **form)
        if user is None:
            raise BadCredentials
        limits.signed_in(form["username"])
        login(request._request, user)
        request.user = user
        return Response(_session(request))

    @extend_schema(request=None, responses={204: None}, operation_id="session_sign_out")
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)


class PasswordView(APIView):
    permission_classes = [InPerson]

    @extend_schema(request=PasswordInput, responses={204: None}, operation_id="session_password")
    def post(self, request: Request) -> Response:
        """Choose another password. Every other session of yours ends."""
        form, me = valid(PasswordInput, request), person(request)
        with limits.signing_in(me.username, sender(request)):
            people.change_password(me, **form)
        limits.signed_in(me.username)
        update_session_auth_hash(request._request, me)
        people.end_other_sessions(me, request.session.session_key)
        return Response(status=204)


class OtherSessionsView(APIView):
    permission_classes = [InPerson]

    @extend_schema(operation_id="session_others", responses=s.OtherSessionsSerializer)
    def get(self, request: Request) -> Response:
        """In how many other browsers you are signed in."""
        count = people.count_other_sessions(person(request), request.session.session_key)
        return Response({"count": count})

    @extend_schema(operation_id="session_end_others", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out everywhere else."""
        people.end_other_sessions(person(request), request.session.session_key)
        return Response(status=204)


def _session(request: Request) -> dict[str, Any]:
    return {
        "user": s.PersonSerializer(request.user).data if request.user.is_authenticated else None,
        "streams_origin": settings.STREAMS_ORIGIN,
        "version": settings.VERSION,
    }
