from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from engine.api import pages

# The rooms upstairs bring their own routes; this one names them as text and imports none of them.
ROOMS = ["annotation.urls", "verification.urls"]

urlpatterns = [
    path("healthy/", pages.healthy),
    path("api/schema/", SpectacularAPIView.as_view()),
    path("api/", include("engine.api.urls")),
    *[path("api/", include(room)) for room in ROOMS],
    re_path(r"^api/(?P<path>.*)$", pages.no_such_api),
    re_path(r"^(?!assets/)(?P<path>.*)$", pages.app),
]
