from typing import Any

from rest_framework.pagination import CursorPagination

from engine.errors import InvalidInput


class NewestFirst(CursorPagination):
    """Cursor pages, newest first: stable while rows are added."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Any) -> Any:
        """A cursor that was not ours would reach the database as text where it has a number."""
        cursor = super().decode_cursor(request)
        position = str(cursor.position) if cursor and cursor.position is not None else "0"
        if not (position.isascii() and position.isdigit() and len(position) <= 18):
            raise InvalidInput("This cursor is not one that a page gave. Begin again without it.")
        return cursor


class OldestFirst(NewestFirst):
    """In the order in which the rows were made."""

    ordering = "id"
