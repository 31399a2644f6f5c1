from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.models import Attribute, AttributeKind, Label
from engine.services import labels, splits

NAME = 60  #: characters


class LabelSerializer(serializers.ModelSerializer[Label]):
    class Meta:
        model = Label
        fields = ["id", "number", "name", "supercategory", "color", "key", "retired"]
        read_only_fields = fields


class LabelChange(InputSerializer):
    name = serializers.CharField(max_length=120, required=False)
    supercategory = serializers.CharField(max_length=120, allow_blank=True, required=False)
    color = serializers.RegexField("^#[0-9a-f]{6}$", required=False, help_text="#rrggbb")
    key = serializers.RegexField(
        "^[0-9]?$", allow_blank=True, required=False, help_text="a digit that gives it at the desk"
    )
    retired = serializers.BooleanField(required=False)


class LabelInput(InputSerializer):
    name = serializers.CharField(max_length=120)
    supercategory = serializers.CharField(max_length=120, allow_blank=True, default="")
    color = serializers.RegexField("^#[0-9a-f]{6}$", required=False, help_text="#rrggbb")
    key = serializers.RegexField("^[0-9]?$", allow_blank=True, default="")


class AttributeSerializer(serializers.ModelSerializer[Attribute]):
    kind = serializers.ChoiceField(AttributeKind.choices)

    class Meta:
        model = Attribute
        fields = ["id", "name", "kind", "choices", "retired"]
        read_only_fields = fields


class AttributeInput(InputSerializer):
    name = serializers.CharField(max_length=NAME)
    kind = serializers.ChoiceField(AttributeKind.choices)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=NAME), max_length=100, default=list
    )


class AttributeChange(InputSerializer):
    choices = serializers.ListField(
        child=serializers.CharField(max_length=NAME), max_length=100, required=False
    )
    retired = serializers.BooleanField(required=False)


class VocabularySerializer(serializers.Serializer[Any]):
    """What objects may be called, and what may be said about them."""

    labels = LabelSerializer(many=True)
    attributes = AttributeSerializer(many=True)


@extend_schema_field(OpenApiTypes.ANY)
class ValueField(serializers.Field[Any, Any, Any, Any]):
    """A word, a number, or a tick."""

    default_error_messages = {"invalid": "A value is a word, a number, or true or false."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str | int | float | bool):
            self.fail("invalid")
        if isinstance(data, str) and "\0" in data:
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class StretchInput(InputSerializer):
    """From frame `first` to `last`, both included."""

    name = serializers.CharField(max_length=NAME)
    first = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    last = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class FrameAttributeInput(StretchInput):
    value = ValueField()


class MaskletDescription(InputSerializer):
    """What is left out stays as it is; a list that is given takes the place of the one before."""

    label = serializers.CharField(max_length=120, allow_blank=True, required=False)  # type: ignore[assignment]
    attributes = serializers.DictField(child=ValueField(), required=False)
    frame_attributes = serializers.ListField(
        child=FrameAttributeInput(), max_length=labels.MOST_STRETCHES, required=False
    )


class VideoTags(InputSerializer):
    tags = serializers.ListField(
        child=serializers.CharField(max_length=NAME), max_length=splits.MOST_TAGS, required=False
    )
    frame_tags = serializers.ListField(child=StretchInput(), max_length=labels.MOST_STRETCHES, required=False)
