import type { Id, MaskletStatus } from "@/api/models";
import { useVocabulary } from "@/describe/useDescription";
import { FilterChips, MASKLET_WORDS, SearchField } from "@/ui";

import styles from "./MaskletsSection.module.css";

export interface View {
  value: string;
  label: string;
  statuses: MaskletStatus[];
}

const only = (status: MaskletStatus): View => ({
  value: status,
  label: MASKLET_WORDS[status].text,
  statuses: [status],
});

export const VIEWS: View[] = [
  // What the annotators' queue asks for.
  { value: "to_annotate", label: "To annotate", statuses: ["selected", "needs_refinement"] },
  ...(["annotating", "in_verification", "needs_refinement", "accepted", "rejected"] as const).map(only),
];

export interface MaskletFiltersProps {
  project: Id;
  view: View | undefined;
  /** Part of the label. */
  label: string;
  onChange: (name: "status" | "label", value: string | undefined) => void;
}

/** Which masklets are listed. */
export function MaskletFilters({ project, view, label, onChange }: MaskletFiltersProps) {
  const { data: vocabulary } = useVocabulary(project);
  return (
    <div className={styles.filters}>
      <FilterChips
        label="State"
        options={VIEWS}
        value={view?.value}
        onChange={(value) => onChange("status", value)}
      />
      <SearchField
        label="Label contains"
        value={label}
        suggestions={vocabulary?.labels.map(({ name }) => name) ?? []}
        onChange={(value) => onChange("label", value)}
      />
    </div>
  );
}
