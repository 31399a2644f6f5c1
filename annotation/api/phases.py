"""What the three phases are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.phases import PROTOCOLS
from engine.api.filters import refuse_unknown
from engine.api.permissions import SignedIn


class ProtocolSerializer(serializers.Serializer[Any]):
    phase = serializers.IntegerField()
    name = serializers.CharField()
    summary = serializers.CharField()
    propagates = serializers.BooleanField()
    every_frame = serializers.BooleanField(help_text="each annotated frame gets its mask by hand")
    masks_only = serializers.BooleanField(
        help_text="propagation takes masks; a correction makes its frame's mask from scratch"
    )


class PhasesView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="phases_list", responses=ProtocolSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The protocols of phases 1, 2 and 3."""
        refuse_unknown(request)
        protocols = [asdict(protocol) for protocol in PROTOCOLS.values()]
        return Response(ProtocolSerializer(protocols, many=True).data)
