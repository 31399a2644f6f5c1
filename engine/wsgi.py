"""The API and the pages: WSGI (why: docs/decisions)."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engine.settings.production")
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "20000")
django = get_wsgi_application()

from engine.turns import Turns  # noqa: E402 - Django is set up first

application = Turns(django)


def _settle() -> None:
    """Load what the first request would, and let the collector leave it alone: to look through it again took a request
    now and then a tenth of a second."""
    from django.urls import get_resolver

    from engine import storage

    _ = get_resolver().url_patterns
    storage.client()
    gc.collect()
    gc.freeze()


_settle()
