"""Behind a TLS proxy: cookies travel over HTTPS only and browsers are told to stay on it."""

from django.core.exceptions import ImproperlyConfigured

from engine.settings.base import *  # noqa: F403
from engine.settings.base import SECRET_KEY, env

if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 12:
    raise ImproperlyConfigured(
        "SECRET_KEY signs sessions and must be 50 random characters or more. Make one with: "
        "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
