/** The nouns of the HTTP API, as the browser sees them. Their shapes are the schema's. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Id = number;
export type Role = Schemas["Role"];

/** A column-major COCO run-length encoding, compressed. `size` is [height, width]. */
export interface Rle {
  size: [number, number];
  counts: string;
}

/** Left, top, right, bottom, in pixels of the stored frame. */
export type Box = [number, number, number, number];

export type User = Schemas["Person"];
export type Session = Schemas["Session"];
export type Project = Schemas["Project"];
export type NewProject = Schemas["ProjectInputRequest"];
export type ExportsFor = Schemas["ExportsFor"];
export type Member = Schemas["Membership"];

export type CheckpointStatus = Schemas["CheckpointStatus"];
export type Checkpoint = Schemas["Checkpoint"];
export type GateEvaluation = Schemas["GateEvaluation"];
export type ExportedCheckpoint = Schemas["ExportedCheckpoint"];
export type EvaluationSet = Schemas["EvaluationSet"];
export type Promotion = Schemas["Promotion"];
export type TrainingPolicy = Schemas["TrainingPolicy"];
export type PolicyChange = Partial<Schemas["PatchedTrainingPolicyChangeRequest"]>;
export type TriggerDecision = Schemas["TriggerDecision"];
export type Canary = Schemas["Canary"];
export type Figures = Schemas["Figures"];
export type Comparison = Schemas["Comparison"];
export type Evaluation = Schemas["Evaluation"];
export type RetrainingChoices = Schemas["RetrainingChoices"];
export type RetrainingWish = Partial<Schemas["RetrainingInputRequest"]>;
export type TrainingEntry = Schemas["TrainingEntry"];

export type PreverifierReport = Schemas["PreverifierReport"];
export type PreverifierVersion = Schemas["PreverifierVersion"];
export type AutomaticVerdicts = Schemas["AutomaticVerdicts"];
export type AutomaticWish = Schemas["PatchedAutomaticVerdictsInputRequest"];

/** What went wrong: a stable code and a sentence for people. */
export type Failure = Schemas["Failure"];

export type RunKind = Schemas["RunKind"];
export type RunStatus = Schemas["RunStatus"];
export type Progress = Schemas["Progress"];
export interface RunResult extends Record<string, unknown> {
  revision?: number;
  /** Of a propagation: frames that it left as they were. */
  kept?: number;
  /** What a retraining is doing, and how long its training still takes. */
  stage?: "footage" | "training" | "evaluating";
  seconds_left?: number | null;
}
export type Run = Omit<Schemas["Run"], "result"> & { result: RunResult };

export type VideoStatus = Schemas["VideoStatus"];
export type Video = Omit<Schemas["Video"], "masklet_counts" | "run"> & {
  masklet_counts: Partial<Record<MaskletStatus, number>>;
  /** The newest ingest. */
  run: Run | null;
};
export type FramePage = Schemas["Frames"];

/** An upload of a video; those of data sets are an import's. */
export type Upload = Omit<Schemas["Upload"], "video" | "dataset_import" | "checkpoint_import"> & {
  video: Id;
};
/** The upload of an archive. */
export type ArchiveUpload = Omit<Schemas["Upload"], "dataset_import"> & { dataset_import: Id };
export type DatasetImport = Omit<Schemas["Import"], "run"> & {
  /** The newest that reads it. */
  run: Run | null;
};
export type ImportPolicy = Schemas["ImportPolicy"];
export type CheckpointImport = Omit<Schemas["CheckpointImport"], "run" | "upload"> & {
  /** The newest that reads it. */
  run: Run | null;
  upload: Schemas["Upload"] | null;
};
export type Statistics = Schemas["Statistics"];
export type ReleaseFigures = Omit<Schemas["ReleaseFigures"], "run"> & { run: Run | null };
export type ReleaseDiff = Schemas["ReleaseDiff"];
export type Vocabulary = Schemas["Vocabulary"];
export type Label = Schemas["Label"];
export type Attribute = Schemas["Attribute"];
export type AttributeKind = Schemas["AttributeKind"];
export type NewAttribute = Schemas["AttributeInputRequest"];
/** A word, a number, or a tick. */
export type AttributeValue = string | number | boolean;
/** What is said of an object from frame `first` to `last`, both included. */
export type FrameAttribute = Stretch & { value: AttributeValue };
/** From frame `first` to `last`, both included. */
export type Stretch = Schemas["StretchInput"];
export interface Description {
  label?: string;
  attributes?: Record<string, AttributeValue>;
  frame_attributes?: FrameAttribute[];
}
export type Tags = Schemas["PatchedVideoTagsRequest"];
export type VideoChange = Schemas["PatchedVideoChangeRequest"];
export type VideosChange = Schemas["PatchedVideosChangeRequest"];
export type BinnedVideo = Schemas["BinnedVideo"];
export type BinnedProject = Schemas["BinnedProject"];
export type UploadedPart = Schemas["Part"];

export type MaskletStatus = Schemas["MaskletStatus"];
export type Masklet = Omit<Schemas["Masklet"], "run" | "attributes" | "frame_attributes"> & {
  attributes: Record<string, AttributeValue>;
  frame_attributes: FrameAttribute[];
  /** The live run, if one is queued or running. */
  run: Run | null;
};
/** All but candidates that are not filtered yet, and those that fell: what people have to do with. */
export const WITH_PEOPLE: MaskletStatus[] = [
  "selected",
  "annotating",
  "in_verification",
  "needs_refinement",
  "accepted",
  "rejected",
];
/** A masklet that SAM 2 proposed; `id` is its masklet's. */
export type Candidate = Schemas["Candidate"];
export type Fate = Schemas["Fate"];
export type CandidateSource = Schemas["CandidateSource"];
export type GenerationEstimate = Schemas["GenerationEstimate"];
export type VideoGeneration = Omit<Schemas["VideoGeneration"], "run"> & { run: Run | null };
export type CandidatePolicy = Schemas["CandidatePolicy"];
export type CandidatePolicyChange = Schemas["PatchedCandidatePolicyInputRequest"];
/** What a threshold would do. */
export type CurvePoint = Schemas["Point"];
export type WeakPlace = Schemas["FailureMined"];
export type WeakReason = Schemas["FailureMined"]["reason"];
export type WeakPlaces = Schemas["FailuresMined"];
/** What became of one candidate of a bulk verdict. */
export type BulkAnswer = Schemas["Answer"];
export type Damage = Schemas["Damage"];
export type LastVerdict = Schemas["LastVerdict"];

/** Leases on human work. `token` goes into the Lease-Token header of every write. */
export type Assignment = Schemas["Assignment"];
export type Review = Schemas["Review"];
/** A lease on a masklet, or on a review, which names none. */
export interface Lease {
  id: Id;
  masklet?: Id;
  token: string;
}

export interface Claim {
  masklet: Masklet;
  assignment: Assignment;
}

/** What a reviewer looks at: masks without the scores of the model that made them. */
export type ReviewMasks = Omit<Schemas["ReviewMasks"], "size"> & { size: [number, number] };
/** What was sent back before, and why. */
export type PreviousReview = Omit<Schemas["Previous"], "masks"> & { masks: ReviewMasks };
/** A note on one frame, with strokes in pixels of the stored frame. */
export type Pin = Schemas["Pin"];
export type Round = Schemas["Round"];
export type MaskletHistory = Omit<Schemas["History"], "masklet"> & { masklet: Masklet };
export type ReviewPolicy = Schemas["ReviewPolicy"];
export type ReviewPolicyChange = Schemas["PatchedReviewPolicyChangeRequest"];
export type GoldItem = Schemas["GoldItem"];
export type ReviewerRecord = Schemas["Reviewer"];
export type Agreement = Schemas["Agreement"];
export type AgreementRow = Schemas["AgreementRow"];
export type Estimate = Schemas["Estimate"];
export type Verification = Schemas["Verification"];
export type Rate = Schemas["Rate"];
export type Coverage = Schemas["Coverage"];
export type CoverageSummary = Schemas["CoverageSummary"];

export type VerdictValue = Schemas["VerdictEnum"];
export type VerdictReason = Schemas["VerdictReason"];
export type Verdict = Schemas["Verdict"];

export type PromptKind = Schemas["PromptKind"];
/** Coordinates are pixels of the stored frame, origin top left. */
export type Prompt = Omit<Schemas["Prompt"], "box"> & { box: Box | null };

export type NewPrompt =
  | { frame_idx: number; kind: "click"; x: number; y: number; positive: boolean }
  | { frame_idx: number; kind: "box"; box: Box }
  | { frame_idx: number; kind: "mask"; rle: Rle };

export type MaskFrame = Schemas["MaskFrame"];
/** A stretch of masks that are likely wrong. */
export type Doubt = Schemas["Doubt"];

export interface MaskSet {
  revision: number;
  size: [number, number];
  /** By `frame_idx`, as a string. */
  frames: Record<string, MaskFrame>;
  prompts: Prompt[];
  /** In the order in which to look. */
  suggested_frames: Doubt[];
  /** 0 to 1, the share of frames expected to be wrong. */
  doubt: number;
}

export type Revision = Schemas["Revision"];
export type Direction = Schemas["DirectionEnum"];

export type ReleaseStatus = Schemas["ReleaseStatus"];
export type ExportFile = Schemas["ExportFile"];
export type Format = Schemas["Format"];
export type FormatName = Schemas["ExportInputRequest"]["format"];
export type Export = Omit<Schemas["Export"], "run"> & {
  /** The newest that writes it. */
  run: Run | null;
};
export type Release = Omit<Schemas["Release"], "run" | "exports"> & {
  /** The newest freeze. */
  run: Run | null;
  exports: Export[];
};

export type Token = Schemas["Token"];
export type NewToken = Schemas["NewToken"];

export interface Page<T> {
  next?: string | null;
  previous?: string | null;
  results: T[];
}

export type Phase = Schemas["Phase"];
export const PHASES: readonly Phase[] = [1, 2, 3];

/**
 * Table 1 of the SAM 2 paper about ourselves: times in seconds, shares 0 to 1, null where nothing was
 * measured.
 */
export type Effort = Schemas["EffortTable"];
export type EffortKey = Schemas["EffortTableByEnum"];
export type EffortRow = Schemas["EffortRow"];
export type PaperRow = Schemas["PaperRow"];

export type Band = Schemas["BandEnum"];
export type Queue = Schemas["Queue"];
export type QueueRow = Schemas["QueueRow"];
export type QueuePerson = Schemas["Worker"];

export type Experiment = Schemas["Experiment"];
export type Arm = Schemas["Arm"];
/** User names by phase. */
export type Groups = Record<`${Phase}`, string[]>;

/** What an owner changes about a project; what is left out stays. */
export type ProjectChange = Schemas["PatchedProjectChangeRequest"];

/** What a phase lets an annotator do (SAM 2 paper §5.1). */
export type Protocol = Schemas["Protocol"];
export type Job = Schemas["JobEnum"];
export type EffortTool = Schemas["ToolEnum"];
/** Time that a person spent on one frame with one tool. */
export type EffortEntry = Schemas["EntryInputRequest"];
export type OwnEffort = Schemas["OwnEffort"];
/** The object that a controlled experiment means, on one of its frames. */
export interface Target extends Rle {
  frame_idx: number;
}

export type AuditKind = Schemas["AuditKind"];
export type AuditEntry = Schemas["AuditEntry"];
export type AuditChange = Schemas["AuditChange"];
export type AuditCheck = Schemas["AuditCheck"];

export type Usage = Schemas["Usage"];
export type Share = Schemas["Share"];

export type Invitation = Schemas["Invitation"];
export type OwnInvitation = Schemas["OwnInvitation"];
