from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.models.project import Project


class AuditKind(models.TextChoices):
    PROJECT_CREATED = "project_created", "made the project"
    PROJECT_CHANGED = "project_changed", "changed the settings"
    QUOTA_CHANGED = "quota_changed", "changed the quotas"
    VIDEOS_PHASE = "videos_phase", "set the phase of"
    MASKLET_PHASE = "masklet_phase", "set the phase of"
    MEMBER_INVITED = "member_invited", "invited"
    INVITATION_WITHDRAWN = "invitation_withdrawn", "withdrew the invitation of"
    INVITATION_DECLINED = "invitation_declined", "declined the invitation as"
    MEMBER_ADDED = "member_added", "added"
    MEMBER_TRAINED = "member_trained", "set the training of"
    MEMBER_CHANGED = "member_changed", "changed the standing of"
    MEMBER_REMOVED = "member_removed", "took a role from"
    UPLOAD_ABORTED = "upload_aborted", "cancelled the upload of"
    UPLOAD_SWEPT = "upload_swept", "swept the abandoned upload of"
    VIDEO_REMOVED = "video_removed", "removed the video"
    VIDEO_RESTORED = "video_restored", "took out of the bin the video"
    PROJECT_REMOVED = "project_removed", "removed the project"
    PROJECT_RESTORED = "project_restored", "took the project out of the bin"
    BIN_EMPTIED = "bin_emptied", "emptied the bin of"
    VIDEOS_DESCRIBED = "videos_described", "described"
    RUN_CANCELLED = "run_cancelled", "cancelled the"
    CHECKPOINT_IMPORTED = "checkpoint_imported", "brought in the checkpoint"
    CHECKPOINT_PROMOTED = "checkpoint_promoted", "promoted the checkpoint"
    CHECKPOINT_RETIRED = "checkpoint_retired", "retired the checkpoint"
    CHECKPOINT_ROLLED_BACK = "checkpoint_rolled_back", "went back to the checkpoint"
    TRAINING_POLICY_CHANGED = "training_policy_changed", "changed when it retrains:"
    CANARY_STARTED = "canary_started", "began to try"
    CANARY_ENDED = "canary_ended", "ended the trial of"
    EVALUATION_SET_DRAWN = "evaluation_set_drawn", "held out"
    REVIEW_POLICY = "review_policy", "changed how masklets are verified"
    GOLD_MADE = "gold_made", "made gold of"
    GOLD_RETIRED = "gold_retired", "retired the gold of"
    REVIEWER_LET_IN = "reviewer_let_in", "let review again"
    PREVERIFIER_PROMOTED = "preverifier_promoted", "put to use the"
    AUTOMATIC_VERDICTS = "automatic_verdicts", "changed the verdicts without people"
    RELEASE_FROZEN = "release_frozen", "froze the release"
    GENERATION_STARTED = "generation_started", "looked for objects in"
    CANDIDATE_POLICY = "candidate_policy", "changed what happens to candidates"
    CANDIDATES_BROUGHT_BACK = "candidates_brought_back", "brought back"
    CANDIDATES_DISMISSED = "candidates_dismissed", "dismissed"
    EXPORT_REMOVED = "export_removed", "removed an export of"
    DATASET_IMPORTED = "dataset_imported", "brought in the dataset"
    IMPORT_REMOVED = "import_removed", "removed the archive"
    PREDICTIONS_UPLOADED = "predictions_uploaded", "uploaded predictions for"
    LABEL_ADDED = "label_added", "added the label"
    LABEL_CHANGED = "label_changed", "changed the label"
    ATTRIBUTE_ADDED = "attribute_added", "added the attribute"
    ATTRIBUTE_CHANGED = "attribute_changed", "changed the attribute"
    MASKLET_DESCRIBED = "masklet_described", "described"
    VIDEO_TAGGED = "video_tagged", "tagged"
    TOKEN_CREATED = "token_created", "made the token"
    TOKEN_REVOKED = "token_revoked", "revoked the token"
    # Of the installation.
    PERSON_ADDED = "person_added", "added"
    PERSON_DEACTIVATED = "person_deactivated", "shut out"
    PERSON_REACTIVATED = "person_reactivated", "let in again"
    PASSWORD_CHANGED = "password_changed", "changed the password of"
    SESSIONS_ENDED = "sessions_ended", "ended the other sessions of"
    ORPHANS_DELETED = "orphans_deleted", "deleted the object, which no row named,"


class AuditEntry(models.Model):
    """One change that is no status: who, when, what, before and after. Append-only: written by
    engine.services.audit alone, and a trigger refuses to change it.

    Entries of a project are one chain, those of the installation (no project) another: each holds the hash of the one
    before it, so that what is taken out, changed or put in between shows.
    """

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="audit", null=True, blank=True
    )
    number = models.PositiveBigIntegerField(help_text="1, 2, 3 … in its chain")
    at = models.DateTimeField(help_text="by the database's clock")
    # Empty when no person of the installation did it: then `actor_name` says which machine or command.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="audit", null=True, blank=True
    )
    actor_name = models.CharField(max_length=150)
    kind = models.CharField(max_length=24, choices=AuditKind)
    subject_type = models.CharField(max_length=16)
    subject_id = models.BigIntegerField(null=True, blank=True)
    subject = models.CharField(max_length=255, blank=True, default="", help_text="its name then")
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    reason = models.TextField(blank=True, default="")
    previous = models.CharField(
        max_length=64, help_text="`sha256` of the entry before; 64 zeros in the first"
    )
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "-id"], name="audit_by_project")]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="audit_of_a_project_is_one_chain"),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(project__isnull=True),
                name="audit_of_the_installation_is_one_chain",
            ),
            models.CheckConstraint(condition=Q(kind__in=AuditKind.values), name="audit_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {AuditKind(self.kind).label} {self.subject}".strip()
