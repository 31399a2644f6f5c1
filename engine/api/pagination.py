from typing import Any

from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from engine.errors import InvalidInput


class NewestFirst(CursorPagination):
    """Cursor pages, newest first: stable while rows are added."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        """As given out by a page; a 400 for one that was made up."""
        cursor: Any = super().decode_cursor(request)
        if cursor is None or cursor.position is None:
            return cursor  # type: ignore[no-any-return]
        if not (cursor.position.isascii() and cursor.position.isdigit() and len(cursor.position) <= 18):
            raise InvalidInput("This cursor is not one that a page gave out. Start from the first page.")
        return cursor  # type: ignore[no-any-return]
