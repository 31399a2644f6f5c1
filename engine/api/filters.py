from typing import Any

from django_filters.rest_framework import DjangoFilterBackend

from engine.errors import InvalidInput

PAGE = {"cursor", "page_size"}


class KnownFilters(DjangoFilterBackend):  # type: ignore[misc]
    """A list's filters. One that the list does not know is refused: ignored, it would show more than was asked for."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        filters = self.get_filterset_class(view, queryset)
        known = sorted({*(filters.base_filters if filters else ()), *PAGE})
        if unknown := sorted(set(request.query_params) - set(known)):
            raise InvalidInput(f"{unknown[0][:50]} is no filter of this list. It knows {', '.join(known)}.")
        return super().filter_queryset(request, queryset, view)
