"""The streams: a thin ASGI app that asks Django once who is there and then only reads Redis (docs/decisions)."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engine.settings.production")
django.setup()

from engine.api.events import application  # noqa: E402  Django must be set up before models are imported

__all__ = ["application"]
