from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.models import AuditEntry, AuditKind
from engine.services import audit_words


class AuditChangeSerializer(serializers.Serializer[Any]):
    what = serializers.CharField()
    before = serializers.CharField(help_text="in words; empty where there was none")
    after = serializers.CharField(help_text="in words; empty where there is none")


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    kind = serializers.ChoiceField(AuditKind.choices)
    sentence = serializers.SerializerMethodField(help_text="what was done to whom or what")
    changes = serializers.SerializerMethodField()

    class Meta:
        model = AuditEntry
        fields = ["id", "number", "at", "actor_name", "kind", "sentence", "changes", "reason", "sha256"]
        read_only_fields = fields

    def get_sentence(self, entry: AuditEntry) -> str:
        return audit_words.sentence(entry)

    @extend_schema_field(AuditChangeSerializer(many=True))
    def get_changes(self, entry: AuditEntry) -> Any:
        return AuditChangeSerializer(audit_words.changes(entry), many=True).data


class AuditCheckSerializer(serializers.Serializer[Any]):
    entries = serializers.IntegerField()
    whole = serializers.BooleanField()
    broken_at = serializers.IntegerField(
        allow_null=True, help_text="number of the first entry that is not what was written there"
    )
    head = serializers.CharField(help_text="hash of the last entry")
    people = serializers.ListField(child=serializers.CharField(), help_text="who made the entries")
