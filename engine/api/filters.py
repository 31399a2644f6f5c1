from typing import Any

from django_filters.rest_framework import DjangoFilterBackend

from engine.errors import InvalidInput

PAGE = {"cursor", "page_size"}


class KnownFilters(DjangoFilterBackend):
    """A list's filters. One that the list does not know is refused: ignored, it would show more than was asked for."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        filters = self.get_filterset_class(view, queryset)
        refuse_unknown(request, *(filters.base_filters if filters else ()), *PAGE)
        return super().filter_queryset(request, queryset, view)


def refuse_unknown(request: Any, *known: str) -> None:
    """For what is listed without that backend: refuse every query parameter but `known`."""
    if unknown := sorted(set(request.query_params) - set(known)):
        knows = f"It knows {', '.join(sorted(known))}." if known else "It has none."
        raise InvalidInput(f"{unknown[0][:50]} is no filter of this list. {knows}")
