"""What goes over the wire, a noun a file. Output serializers only read; inputs refuse fields they do not know."""

from engine.api.serializers.audit import AuditCheckSerializer, AuditEntrySerializer
from engine.api.serializers.base import InputSerializer
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
from engine.api.serializers.labels import (
    AttributeChange,
    AttributeInput,
    AttributeSerializer,
    LabelChange,
    LabelInput,
    LabelSerializer,
    MaskletDescription,
    VideoTags,
    VocabularySerializer,
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
from engine.api.serializers.releases import (
    ExportFileSerializer,
    ExportInput,
    ExportSerializer,
    FormatSerializer,
    ReleaseInput,
    ReleaseSerializer,
)
from engine.api.serializers.runs import (
    FailureSerializer,
    ProgressSerializer,
    RunSerializer,
    RunStartedSerializer,
)
from engine.api.serializers.tokens import NewTokenSerializer, TokenInput, TokenSerializer
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
from engine.api.serializers.videos import (
    FrameSerializer,
    FramesSerializer,
    VideoChange,
    VideosChange,
    VideoSerializer,
)

__all__ = [
    "AttributeChange",
    "AttributeInput",
    "AttributeSerializer",
    "AuditCheckSerializer",
    "AuditEntrySerializer",
    "BatchPhaseInput",
    "CheckpointSerializer",
    "CompleteInput",
    "DamageSerializer",
    "DoubtSerializer",
    "ExportFileSerializer",
    "ExportInput",
    "ExportSerializer",
    "FailureSerializer",
    "FormatSerializer",
    "FrameSerializer",
    "FramesSerializer",
    "InputSerializer",
    "InvitationInput",
    "InvitationSerializer",
    "LabelChange",
    "LabelInput",
    "LabelSerializer",
    "LastVerdictSerializer",
    "MaskFrameSerializer",
    "MaskletChange",
    "MaskletDescription",
    "MaskletSerializer",
    "MasksSerializer",
    "MembershipChange",
    "MembershipSerializer",
    "NewTokenSerializer",
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
    "TokenInput",
    "TokenSerializer",
    "TrainingLogSerializer",
    "UploadInput",
    "UploadSerializer",
    "UsageSerializer",
    "VideoChange",
    "VideoSerializer",
    "VideoTags",
    "VideosChange",
    "VocabularySerializer",
]
