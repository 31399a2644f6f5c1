"""Settings shared by every environment; what differs comes from environment variables alone."""

import tempfile
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

VERSION = "0.1.0"

SECRET_KEY = env("SECRET_KEY")
DEBUG = False
WEB_ORIGIN = env("WEB_ORIGIN", default="http://127.0.0.1:8000")
STREAMS_ORIGIN = env("STREAMS_ORIGIN", default="http://127.0.0.1:8001")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = [WEB_ORIGIN]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "csp",
    "engine",
    "annotation",
    "verification",
    "worker",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Directly below the security headers, so that files are served before sessions are touched.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "engine.api.middleware.api_manners",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "engine.urls"
WSGI_APPLICATION = "engine.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "dist"],
    }
]

DATABASES = {"default": env.db("DATABASE_URL")}
APPLICATION_DATABASE = env.db("DATABASE_URL")
# Whose the tables are: `manage.py migrate` connects as that role (engine.database).
MIGRATION_DATABASE = env.db("MIGRATION_DATABASE_URL", default=env("DATABASE_URL"))
# Without a kept connection a request costs a new one: 193 requests/s instead of 2,907.
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Set by the web server (engine.wsgi) alone: no request may hold the database for long. Workers and commands may.
if _statement_ms := env.int("STATEMENT_TIMEOUT_MS", default=0):
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
        f"-c statement_timeout={_statement_ms} -c lock_timeout={_statement_ms // 2} "
        f"-c idle_in_transaction_session_timeout={2 * _statement_ms}"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "engine.hashers.OneLaneArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False

STATIC_URL = "/static/"
# The built front end is served from the root: /assets/… as files, every other page as index.html.
WHITENOISE_ROOT = BASE_DIR / "frontend" / "dist"
WHITENOISE_MAX_AGE = 3600

SESSION_ENGINE = "engine.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
X_FRAME_OPTIONS = "DENY"
#: What one body may have; the longest that a page sends are painted masks, far below this.
MAX_BODY_BYTES = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

# Attempts to sign in within a window of seconds; an address may be a whole office's.
SIGN_IN_WINDOW = 900
SIGN_IN_ATTEMPTS_PER_ACCOUNT = env.int("SIGN_IN_ATTEMPTS_PER_ACCOUNT", default=10)
SIGN_IN_ATTEMPTS_PER_ADDRESS = env.int("SIGN_IN_ATTEMPTS_PER_ADDRESS", default=500)
TOKEN_REQUESTS_PER_MINUTE = env.int("MASKLOOP_TOKEN_REQUESTS_PER_MINUTE", default=1200)
# Proxies in front of us that add an address to X-Forwarded-For. 0: the header is not believed.
PROXIES = env.int("MASKLOOP_PROXIES", default=0)

# Pixels of a frame times frames of the timeline that one video may have: 160 s of 1080p at 24 fps, 40 s of 4K.
VIDEO_PIXELS = env.int("MASKLOOP_VIDEO_PIXELS", default=8_000_000_000)

# Whether videos are decoded where nothing walls the decoder in (SECURITY.md).
UNSANDBOXED_VIDEO = env.bool("MASKLOOP_UNSANDBOXED_VIDEO", default=False)

# What one project may have, unless the operator has given it quotas of its own (manage.py set_quota).
PROJECT_BYTES = env.int("MASKLOOP_PROJECT_BYTES", default=500 * 10**9)
PROJECT_VIDEOS = env.int("MASKLOOP_PROJECT_VIDEOS", default=100_000)
PROJECT_RUNS = env.int("MASKLOOP_PROJECT_RUNS", default=500)

REDIS_URL = env("REDIS_URL")

S3 = {
    "endpoint_url": env("S3_ENDPOINT_URL", default=None),
    "public_endpoint_url": env("S3_PUBLIC_ENDPOINT_URL", default=env("S3_ENDPOINT_URL", default=None)),
    "access_key": env("S3_ACCESS_KEY", default=None),
    "secret_key": env("S3_SECRET_KEY", default=None),
    "bucket": env("S3_BUCKET", default="maskloop"),
    "region": env("S3_REGION", default="us-east-1"),
}

CHECKPOINT = env("MASKLOOP_CHECKPOINT", default="bundled")
# Besides that one and "bundled", what a retraining may start from: hub names, or folders on the workers' machines.
CHECKPOINTS = env.list("MASKLOOP_CHECKPOINTS", default=[])
# A model that finds objects by words, by its name on the hub or a folder; none comes with Maskloop.
CONCEPTS = env("MASKLOOP_CONCEPTS", default="")
DEVICE = env("MASKLOOP_DEVICE", default="auto")
# Pixels of a side at which checkpoints that were made for 1024 are run; 0: 1024 on CUDA, 512 on a CPU.
IMAGE_SIZE = env.int("MASKLOOP_IMAGE_SIZE", default=0)
# Where a worker keeps the checkpoints that it fetched from the object store.
CACHE = Path(env("MASKLOOP_CACHE", default=str(Path(tempfile.gettempdir()) / "maskloop-cache")))

_media = [S3["public_endpoint_url"]] if S3["public_endpoint_url"] else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        # React sets style attributes (widths of progress bars, colours of objects) through the DOM.
        "style-src-attr": ["'unsafe-inline'"],
        "worker-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:", *_media],
        "media-src": ["'self'", "blob:", *_media],
        "connect-src": ["'self'", STREAMS_ORIGIN, *_media],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "engine.api.authentication.SessionAuthentication",
        "engine.api.authentication.TokenAuthentication",
    ],
    # Deny by default: a route says for itself who may (a house rule checks that it does).
    "DEFAULT_PERMISSION_CLASSES": ["engine.api.permissions.Nobody"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["engine.api.parsers.BoundedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["engine.api.filters.KnownFilters"],
    "DEFAULT_PAGINATION_CLASS": "engine.api.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "engine.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "engine.api.exceptions.handle",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Maskloop",
    "DESCRIPTION": "A data engine for video segmentation.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["engine.api.permissions.SignedIn"],
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "VideoStatus": "engine.models.VideoStatus.choices",
        "MaskletStatus": "engine.models.MaskletStatus.choices",
        "RunStatus": "engine.models.RunStatus.choices",
        "ReleaseStatus": "engine.models.ReleaseStatus.choices",
        "ImportStatus": "engine.models.ImportStatus.choices",
        "ImportPolicy": "engine.models.ImportPolicy.choices",
        "ExportStatus": "engine.models.ExportStatus.choices",
        "Split": "engine.models.Split.choices",
        "Environment": "engine.models.Environment.choices",
        "AttributeKind": "engine.models.AttributeKind.choices",
        "CheckpointStatus": "engine.models.CheckpointStatus.choices",
        "RunKind": "engine.models.RunKind.choices",
        "PromptKind": "engine.models.PromptKind.choices",
        "RevisionKind": "engine.models.RevisionKind.choices",
        "AuditKind": "engine.models.AuditKind.choices",
        "ExportsFor": "engine.models.ExportsFor.choices",
        "Role": "engine.models.Role.choices",
        "Source": "engine.models.Source.choices",
        "CandidateSource": "engine.models.CandidateSource.choices",
        "Fate": "engine.models.Fate.choices",
        "Phase": "engine.models.project.Phase.choices",
        "VerdictEnum": "verification.models.VerdictKind.choices",
        "VerdictBy": "verification.models.VerdictBy.choices",
        "GoldKind": "verification.models.gold.KINDS",
        "VerdictReason": "verification.services.verdicts.REASON_CHOICES",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO")},
}
