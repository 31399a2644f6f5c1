"""The embedded stack on one machine: real servers on loopback, plain HTTP."""

from engine.settings.base import *  # noqa: F403

# A front end that is built anew is served without a restart.
WHITENOISE_AUTOREFRESH = True
