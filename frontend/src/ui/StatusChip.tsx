import {
  Archive,
  Ban,
  BadgeCheck,
  Check,
  CircleDashed,
  CircleX,
  Clock,
  Eye,
  Filter,
  Gauge,
  LoaderCircle,
  PackageCheck,
  PencilLine,
  RotateCcw,
  Sparkles,
  Snowflake,
  Upload,
  type LucideIcon,
} from "lucide-react";

import type { CheckpointStatus, MaskletStatus, ReleaseStatus, RunStatus, VideoStatus } from "@/api/models";

import { Chip, type Tone } from "./Chip";

interface Word {
  text: string;
  tone: Tone;
  icon: LucideIcon;
}

export const MASKLET_WORDS: Record<MaskletStatus, Word> = {
  selected: { text: "To annotate", tone: "quiet", icon: CircleDashed },
  candidate: { text: "Candidate", tone: "quiet", icon: Sparkles },
  annotating: { text: "Annotating", tone: "accent", icon: PencilLine },
  in_verification: { text: "To verify", tone: "accent", icon: Eye },
  accepted: { text: "Accepted", tone: "good", icon: BadgeCheck },
  needs_refinement: { text: "Needs refinement", tone: "doubt", icon: RotateCcw },
  rejected: { text: "Rejected", tone: "bad", icon: Ban },
  filtered: { text: "Filtered out", tone: "quiet", icon: Filter },
};

export const VIDEO_WORDS: Record<VideoStatus, Word> = {
  uploading: { text: "Uploading", tone: "accent", icon: Upload },
  extracting: { text: "Extracting", tone: "accent", icon: LoaderCircle },
  ready: { text: "Ready", tone: "good", icon: Check },
  failed: { text: "Failed", tone: "bad", icon: CircleX },
};

export const RUN_WORDS: Record<RunStatus, Word> = {
  queued: { text: "Queued", tone: "quiet", icon: Clock },
  running: { text: "Running", tone: "accent", icon: LoaderCircle },
  succeeded: { text: "Succeeded", tone: "good", icon: Check },
  failed: { text: "Failed", tone: "bad", icon: CircleX },
  cancelled: { text: "Cancelled", tone: "quiet", icon: Ban },
};

export const RELEASE_WORDS: Record<ReleaseStatus, Word> = {
  draft: { text: "Draft", tone: "quiet", icon: CircleDashed },
  frozen: { text: "Frozen", tone: "accent", icon: Snowflake },
  exported: { text: "Exported", tone: "good", icon: PackageCheck },
};

export const CHECKPOINT_WORDS: Record<CheckpointStatus, Word> = {
  candidate: { text: "Not evaluated", tone: "quiet", icon: CircleDashed },
  evaluated: { text: "Evaluated", tone: "accent", icon: Gauge },
  active: { text: "Active", tone: "good", icon: BadgeCheck },
  retired: { text: "Retired", tone: "quiet", icon: Archive },
};

const chip = ({ text, tone, icon }: Word) => (
  <Chip tone={tone} icon={icon}>
    {text}
  </Chip>
);

export const MaskletChip = ({ status }: { status: MaskletStatus }) => chip(MASKLET_WORDS[status]);
export const VideoChip = ({ status }: { status: VideoStatus }) => chip(VIDEO_WORDS[status]);
export const RunChip = ({ status }: { status: RunStatus }) => chip(RUN_WORDS[status]);
export const CheckpointChip = ({ status }: { status: CheckpointStatus }) => chip(CHECKPOINT_WORDS[status]);
export const ReleaseChip = ({ status }: { status: ReleaseStatus }) => chip(RELEASE_WORDS[status]);
