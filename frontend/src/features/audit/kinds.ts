import type { AuditKind } from "@/api/models";

/** What a project's ledger holds, as a list to choose from. */
export const KINDS: readonly { value: AuditKind; label: string }[] = [
  { value: "project_changed", label: "Settings" },
  { value: "videos_phase", label: "Phases of videos" },
  { value: "masklet_phase", label: "Phases of masklets" },
  { value: "member_invited", label: "Invitations" },
  { value: "invitation_withdrawn", label: "Withdrawn invitations" },
  { value: "invitation_declined", label: "Declined invitations" },
  { value: "member_added", label: "Members who came" },
  { value: "member_removed", label: "Roles taken away" },
  { value: "member_trained", label: "Training" },
  { value: "run_cancelled", label: "Cancelled runs" },
  { value: "release_frozen", label: "Frozen releases" },
  { value: "checkpoint_promoted", label: "Promoted checkpoints" },
  { value: "checkpoint_retired", label: "Retired checkpoints" },
  { value: "upload_aborted", label: "Cancelled uploads" },
  { value: "upload_swept", label: "Abandoned uploads" },
  { value: "video_removed", label: "Removed videos" },
  { value: "generation_started", label: "Objects looked for" },
  { value: "candidate_policy", label: "Policies for candidates" },
  { value: "candidates_brought_back", label: "Candidates brought back" },
  { value: "candidates_dismissed", label: "Dismissed candidates" },
  { value: "videos_described", label: "Splits and environments" },
  { value: "masklet_described", label: "Labels of objects" },
  { value: "video_tagged", label: "Tags" },
  { value: "label_added", label: "New labels" },
  { value: "label_changed", label: "Changed labels" },
  { value: "attribute_added", label: "New attributes" },
  { value: "attribute_changed", label: "Changed attributes" },
  { value: "export_removed", label: "Removed exports" },
  { value: "dataset_imported", label: "Imports" },
  { value: "import_removed", label: "Removed archives" },
  { value: "predictions_uploaded", label: "Uploaded predictions" },
  { value: "video_restored", label: "Restored videos" },
  { value: "token_created", label: "New tokens" },
  { value: "token_revoked", label: "Revoked tokens" },
  { value: "quota_changed", label: "Quotas" },
];

/** What the address narrows the ledger to. */
export function queryFrom(params: URLSearchParams) {
  const day = (name: string) => params.get(name)?.match(/^\d{4}-\d{2}-\d{2}$/)?.[0];
  return {
    person: params.get("person") ?? undefined,
    kind: KINDS.find(({ value }) => value === params.get("kind"))?.value,
    since: day("since"),
    until: day("until"),
  };
}
