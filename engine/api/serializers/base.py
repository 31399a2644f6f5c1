from __future__ import annotations

from typing import Any

from rest_framework import serializers

from engine.errors import TooLarge


class InputSerializer(serializers.Serializer[Any]):
    """A request's body. A field that nobody knows is an error, not a silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({name: ["This field is not known here."] for name in unknown})
        if isinstance(data, dict):
            self._bound_lists(data)
        return super().to_internal_value(data)

    def _bound_lists(self, data: dict[str, Any]) -> None:
        """Before any child is looked at: DRF validates every child of a list and only then counts them."""
        for name, field in self.fields.items():
            most, value = getattr(field, "max_length", None), data.get(name)
            if most is not None and isinstance(value, list) and len(value) > most:
                raise TooLarge(f"{name} takes at most {most} entries at once. Send them in several requests.")
