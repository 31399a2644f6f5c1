from engine.models.audit import AuditEntry, AuditKind
from engine.models.candidate import Candidate, CandidatePolicy, CandidateSource, Fate
from engine.models.checkpoint import Checkpoint, CheckpointStatus
from engine.models.damage import Damage
from engine.models.idempotency import IdempotencyRecord
from engine.models.invitation import Invitation
from engine.models.masklet import Masklet, MaskletStatus, Source
from engine.models.project import ExportsFor, Membership, Project, Role
from engine.models.prompt import Prompt, PromptKind
from engine.models.release import ExportFile, Release, ReleaseItem, ReleaseStatus
from engine.models.revision import Revision, RevisionKind
from engine.models.run import FreezePart, Run, RunFrame, RunStatus
from engine.models.session import Session
from engine.models.status_count import StatusCount
from engine.models.transition import Transition
from engine.models.upload import Upload
from engine.models.video import Video, VideoStatus
from engine.run_kinds import RunKind

__all__ = [
    "AuditEntry",
    "AuditKind",
    "Candidate",
    "CandidatePolicy",
    "CandidateSource",
    "Checkpoint",
    "CheckpointStatus",
    "Damage",
    "ExportFile",
    "ExportsFor",
    "Fate",
    "FreezePart",
    "IdempotencyRecord",
    "Invitation",
    "Masklet",
    "MaskletStatus",
    "Membership",
    "Project",
    "Prompt",
    "PromptKind",
    "Release",
    "ReleaseItem",
    "ReleaseStatus",
    "Revision",
    "RevisionKind",
    "Role",
    "Run",
    "RunFrame",
    "RunKind",
    "RunStatus",
    "Session",
    "Source",
    "StatusCount",
    "Transition",
    "Upload",
    "Video",
    "VideoStatus",
]
