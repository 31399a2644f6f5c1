from engine.settings.testing import *  # noqa: F403
from engine.settings.testing import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.worker.hanging.apps.Hanging"]
