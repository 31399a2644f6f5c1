import type { VideoStatus } from "@/api/models";
import { FilterChips, SearchField, VIDEO_WORDS } from "@/ui";

import styles from "./VideosSection.module.css";

export const VIDEO_STATUSES: VideoStatus[] = ["uploading", "extracting", "ready", "failed"];

export interface VideoFiltersProps {
  status: VideoStatus | undefined;
  /** Part of the name. */
  wanted: string;
  onChange: (name: "status" | "name", value: string | undefined) => void;
}

/** Which videos are listed. */
export function VideoFilters({ status, wanted, onChange }: VideoFiltersProps) {
  return (
    <div className={styles.filters}>
      <FilterChips
        label="State"
        options={VIDEO_STATUSES.map((value) => ({ value, label: VIDEO_WORDS[value].text }))}
        value={status}
        onChange={(value) => onChange("status", value)}
      />
      <SearchField label="Name contains" value={wanted} onChange={(value) => onChange("name", value)} />
    </div>
  );
}
