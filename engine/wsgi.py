"""The API and the pages: WSGI (why: docs/decisions)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engine.settings.production")
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "20000")
application = get_wsgi_application()
