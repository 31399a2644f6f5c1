from django.db.models import QuerySet
from rest_framework import generics

from engine import access
from engine.api import serializers as s
from engine.api.permissions import SignedIn
from engine.api.requests import person
from engine.models import Damage, Role


class DamagesView(generics.ListAPIView[Damage]):
    """Stored objects of this project that are missing or damaged (owners)."""

    permission_classes = [SignedIn]
    serializer_class = s.DamageSerializer

    def get_queryset(self) -> QuerySet[Damage]:
        if getattr(self, "swagger_fake_view", False):
            return Damage.objects.none()
        project = access.find_project(self.request.user, self.kwargs["pk"])
        access.require(person(self.request), project.pk, Role.OWNER)
        return Damage.objects.filter(project=project)
