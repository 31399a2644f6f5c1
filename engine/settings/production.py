"""Behind a TLS proxy: cookies travel over HTTPS only and browsers are told to stay on it."""

from django.core.exceptions import ImproperlyConfigured

from engine.settings.base import *  # noqa: F403
from engine.settings.base import SECRET_KEY, env

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_HSTS_PRELOAD = True

if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10 or SECRET_KEY.startswith("django-insecure-"):
    raise ImproperlyConfigured(
        "SECRET_KEY must be 50 or more random characters that only this installation knows. Make one: "
        "python -c 'import secrets; print(secrets.token_urlsafe(64))'"
    )
