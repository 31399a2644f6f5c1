from engine.models.audit import AuditEntry, AuditKind
from engine.models.candidate import Candidate, CandidatePolicy, CandidateSource, Fate
from engine.models.checkpoint import Checkpoint, CheckpointStatus
from engine.models.checkpoint_import import CheckpointImport
from engine.models.damage import Damage
from engine.models.dataset_import import DatasetImport, ImportPolicy, ImportStatus
from engine.models.evaluation import (
    Evaluation,
    EvaluationItem,
    EvaluationSet,
    Promotion,
    PromotionKind,
    TrainingSource,
)
from engine.models.export import Export, ExportFile, ExportPart, ExportStatus
from engine.models.idempotency import IdempotencyRecord
from engine.models.invitation import Invitation
from engine.models.label import Attribute, AttributeKind, Label
from engine.models.loop import Canary, CanaryDraw, TrainingPolicy, TriggerDecision
from engine.models.masklet import Masklet, MaskletStatus, PassedBy, Source
from engine.models.preverifier import Decision, Preverifier, PreverifierScore, PreverifierStatus
from engine.models.project import ExportsFor, Membership, Project, Role
from engine.models.prompt import Prompt, PromptKind
from engine.models.release import Release, ReleaseItem, ReleaseStatus, ReleaseVideo
from engine.models.revision import Revision, RevisionKind
from engine.models.run import FreezePart, Run, RunFrame, RunStatus
from engine.models.session import Session
from engine.models.status_count import StatusCount
from engine.models.token import ApiToken
from engine.models.transition import Transition
from engine.models.upload import Upload
from engine.models.video import Environment, Split, Video, VideoStatus
from engine.run_kinds import RunKind

__all__ = [
    "ApiToken",
    "Attribute",
    "AttributeKind",
    "AuditEntry",
    "AuditKind",
    "Canary",
    "CanaryDraw",
    "Candidate",
    "CandidatePolicy",
    "CandidateSource",
    "Checkpoint",
    "CheckpointImport",
    "CheckpointStatus",
    "Damage",
    "DatasetImport",
    "Decision",
    "Environment",
    "Evaluation",
    "EvaluationItem",
    "EvaluationSet",
    "Export",
    "ExportFile",
    "ExportPart",
    "ExportStatus",
    "ExportsFor",
    "Fate",
    "FreezePart",
    "IdempotencyRecord",
    "ImportPolicy",
    "ImportStatus",
    "Invitation",
    "Label",
    "Masklet",
    "MaskletStatus",
    "Membership",
    "PassedBy",
    "Preverifier",
    "PreverifierScore",
    "PreverifierStatus",
    "Project",
    "Promotion",
    "PromotionKind",
    "Prompt",
    "PromptKind",
    "Release",
    "ReleaseItem",
    "ReleaseStatus",
    "ReleaseVideo",
    "Revision",
    "RevisionKind",
    "Role",
    "Run",
    "RunFrame",
    "RunKind",
    "RunStatus",
    "Session",
    "Source",
    "Split",
    "StatusCount",
    "TrainingPolicy",
    "TrainingSource",
    "Transition",
    "TriggerDecision",
    "Upload",
    "Video",
    "VideoStatus",
]
