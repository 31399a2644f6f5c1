from __future__ import annotations

from typing import Any

from rest_framework import serializers


class InputSerializer(serializers.Serializer[Any]):
    """A request's body. A field that nobody knows is an error, not a silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({name: ["This field is not known here."] for name in unknown})
        return super().to_internal_value(data)
