from __future__ import annotations

from typing import Any

from rest_framework import serializers

from engine.errors import TooLarge


class BoundedListField(serializers.ListField):
    """A list whose length is looked at before its children are: DRF validates every child first."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.most = max_length
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > self.most:
            raise TooLarge(
                f"{self.field_name}: at most {self.most:,} at once, not {len(data):,}. Send fewer."
            )
        return super().to_internal_value(data)


class InputSerializer(serializers.Serializer[Any]):
    """A request's body. A field that nobody knows is an error, not a silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({name: ["This field is not known here."] for name in unknown})
        return super().to_internal_value(data)
