"""What objects are called and what is said about them."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engine import access
from engine.api import serializers as s
from engine.api.filters import refuse_unknown
from engine.api.idempotency import HEADER as IDEMPOTENCY_KEY, idempotent
from engine.api.permissions import SignedIn
from engine.api.requests import person, valid
from engine.api.views.masklets import masklet_rows
from engine.api.views.videos import video_rows
from engine.models import Attribute, Label
from engine.services import labels


class LabelsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_labels_list", responses=s.VocabularySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The project's labels by their numbers, and its attributes."""
        project = access.find_project(request.user, pk)
        refuse_unknown(request)
        told = {
            "labels": Label.objects.filter(project=project),
            "attributes": Attribute.objects.filter(project=project),
        }
        return Response(s.VocabularySerializer(told).data)

    @extend_schema(
        operation_id="projects_labels_add",
        request=s.LabelInput,
        responses={201: s.LabelSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Add a label (owners). Its number is never given to another."""
        project = access.find_project(request.user, pk)
        label = labels.add_label(actor=person(request), project=project, **valid(s.LabelInput, request))
        return Response(s.LabelSerializer(label).data, status=201)


class LabelView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="projects_labels_change", request=s.LabelChange, responses=s.LabelSerializer)
    def patch(self, request: Request, pk: int, label: int) -> Response:
        """Rename, recolour or retire it (owners). What has it is called so, too."""
        project = access.find_project(request.user, pk)
        told = valid(s.LabelChange, request)
        row = labels.change_label(actor=person(request), project=project, label_id=label, **told)
        return Response(s.LabelSerializer(row).data)


class AttributesView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="projects_attributes_add",
        request=s.AttributeInput,
        responses={201: s.AttributeSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Add something that may be said about objects (owners)."""
        project = access.find_project(request.user, pk)
        row = labels.add_attribute(actor=person(request), project=project, **valid(s.AttributeInput, request))
        return Response(s.AttributeSerializer(row).data, status=201)


class AttributeView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="projects_attributes_change", request=s.AttributeChange, responses=s.AttributeSerializer
    )
    def patch(self, request: Request, pk: int, attribute: int) -> Response:
        """Retire it, or offer more answers (owners)."""
        project = access.find_project(request.user, pk)
        told = valid(s.AttributeChange, request)
        row = labels.change_attribute(actor=person(request), project=project, attribute_id=attribute, **told)
        return Response(s.AttributeSerializer(row).data)


class DescriptionView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(
        operation_id="masklets_describe", request=s.MaskletDescription, responses=s.MaskletSerializer
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Say what the object is (members)."""
        labels.describe(actor=person(request), masklet_id=pk, **valid(s.MaskletDescription, request))
        return Response(s.MaskletSerializer(masklet_rows().get(pk=pk)).data)


class TagsView(APIView):
    permission_classes = [SignedIn]

    @extend_schema(operation_id="videos_tag", request=s.VideoTags, responses=s.VideoSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Say what the video, or a stretch of it, shows (members)."""
        labels.tag(actor=person(request), video_id=pk, **valid(s.VideoTags, request))
        return Response(s.VideoSerializer(video_rows(request.user).get(pk=pk)).data)
