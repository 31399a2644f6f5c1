"""The embedded stack's settings with one of six things broken; MASKLOOP_BROKEN says which."""

import os

from engine.settings.development import *  # noqa: F403
from engine.settings.development import INSTALLED_APPS, MIDDLEWARE

BROKEN = os.environ["MASKLOOP_BROKEN"]
INSTALLED_APPS = ["benchmarks.faults.broken.Broken", *INSTALLED_APPS]
if BROKEN == "idempotency_keys_ignored":
    MIDDLEWARE = ["benchmarks.faults.broken.forget_key", *MIDDLEWARE]
