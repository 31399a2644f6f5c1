"""The API and the pages: WSGI (why: docs/decisions)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engine.settings.production")
os.environ.setdefault(
    "DATABASE_TIMEOUTS",
    "-c statement_timeout=20s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
)
application = get_wsgi_application()
