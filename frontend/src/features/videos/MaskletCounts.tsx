import type { MaskletStatus } from "@/api/models";

import styles from "./MaskletCounts.module.css";

/** "5 · 3 accepted · 1 to refine": what is done, then what asks for attention. */
export function MaskletCounts({ counts }: { counts: Partial<Record<MaskletStatus, number>> }) {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all === 0) return <span className={styles.quiet}>none</span>;
  const { accepted = 0, needs_refinement: refine = 0 } = counts;
  return (
    <>
      {all}
      <span className={styles.quiet}>
        {accepted > 0 && ` · ${accepted} accepted`}
        {refine > 0 && ` · ${refine} to refine`}
      </span>
    </>
  );
}
