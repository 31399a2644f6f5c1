"""Tests: the same real servers, throw-away data, fast password hashing."""

from engine.settings.base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
