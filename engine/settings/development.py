"""The embedded stack on one machine: real servers on loopback, plain HTTP."""

from engine.settings.base import *  # noqa: F403
