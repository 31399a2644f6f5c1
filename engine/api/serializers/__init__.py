"""What goes over the wire, a noun a file. Output serializers only read; inputs refuse fields they do not know."""

from engine.api.serializers.audit import AuditCheckSerializer, AuditEntrySerializer
from engine.api.serializers.base import InputSerializer
from engine.api.serializers.candidates import (
    CandidatePolicyInput,
    CandidatePolicySerializer,
    CandidateSerializer,
    CandidatesInput,
    EstimateSerializer,
    FailuresMinedSerializer,
    GenerationInput,
    GenerationsStartedSerializer,
    VideoGenerationSerializer,
)
from engine.api.serializers.checkpoints import (
    CheckpointSerializer,
    PromotionInput,
    RetrainingChoicesSerializer,
    RetrainingInput,
    TrainingLogSerializer,
)
from engine.api.serializers.damages import DamageSerializer
from engine.api.serializers.invitations import (
    InvitationInput,
    InvitationSerializer,
    OwnInvitationSerializer,
)
from engine.api.serializers.masklets import LastVerdictSerializer, MaskletChange, MaskletSerializer
from engine.api.serializers.masks import (
    DoubtSerializer,
    MaskFrameSerializer,
    MasksSerializer,
    PromptSerializer,
    RevisionSerializer,
)
from engine.api.serializers.people import OtherSessionsSerializer, PersonSerializer, SessionSerializer
from engine.api.serializers.projects import (
    BatchPhaseInput,
    MembershipChange,
    MembershipSerializer,
    ProjectChange,
    ProjectCountsSerializer,
    ProjectInput,
    ProjectSerializer,
    UsageSerializer,
)
from engine.api.serializers.releases import ExportFileSerializer, ExportInput, ReleaseInput, ReleaseSerializer
from engine.api.serializers.runs import (
    FailureSerializer,
    ProgressSerializer,
    RunSerializer,
    RunStartedSerializer,
)
from engine.api.serializers.uploads import (
    CompleteInput,
    PartInput,
    PartLinksInput,
    PartLinksSerializer,
    PartSerializer,
    PartsSerializer,
    UploadInput,
    UploadSerializer,
)
from engine.api.serializers.videos import FrameSerializer, FramesSerializer, VideoSerializer

__all__ = [
    "AuditCheckSerializer",
    "AuditEntrySerializer",
    "BatchPhaseInput",
    "CandidatePolicyInput",
    "CandidatePolicySerializer",
    "CandidateSerializer",
    "CandidatesInput",
    "CheckpointSerializer",
    "CompleteInput",
    "DamageSerializer",
    "DoubtSerializer",
    "EstimateSerializer",
    "ExportFileSerializer",
    "ExportInput",
    "FailureSerializer",
    "FailuresMinedSerializer",
    "FrameSerializer",
    "FramesSerializer",
    "GenerationInput",
    "GenerationsStartedSerializer",
    "InputSerializer",
    "InvitationInput",
    "InvitationSerializer",
    "LastVerdictSerializer",
    "MaskFrameSerializer",
    "MaskletChange",
    "MaskletSerializer",
    "MasksSerializer",
    "MembershipChange",
    "MembershipSerializer",
    "OtherSessionsSerializer",
    "OwnInvitationSerializer",
    "PartInput",
    "PartLinksInput",
    "PartLinksSerializer",
    "PartSerializer",
    "PartsSerializer",
    "PersonSerializer",
    "ProgressSerializer",
    "ProjectChange",
    "ProjectCountsSerializer",
    "ProjectInput",
    "ProjectSerializer",
    "PromotionInput",
    "PromptSerializer",
    "ReleaseInput",
    "ReleaseSerializer",
    "RetrainingChoicesSerializer",
    "RetrainingInput",
    "RevisionSerializer",
    "RunSerializer",
    "RunStartedSerializer",
    "SessionSerializer",
    "TrainingLogSerializer",
    "UploadInput",
    "UploadSerializer",
    "UsageSerializer",
    "VideoGenerationSerializer",
    "VideoSerializer",
]
