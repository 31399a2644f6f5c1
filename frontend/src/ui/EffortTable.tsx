import type { ReactNode } from "react";

import type { EffortRow, PaperRow } from "@/api/models";

import { NOTHING, clicks, frameTime, share } from "./effortWords";
import styles from "./EffortTable.module.css";
import table from "./Table.module.css";
import { Tooltip } from "./Tooltip";

export interface EffortTableProps {
  caption: string;
  /** Above the first column, e.g. "Phase". */
  of: string;
  rows: readonly EffortRow[];
  total?: EffortRow | null;
  /**
   * Rows are phases, and below each stands the paper's; a phase that the paper has is shown even when nobody
   * worked in it.
   */
  paper?: readonly PaperRow[];
  definitions: Readonly<Record<string, string>>;
  name?: (row: EffortRow) => ReactNode;
}

/** The SAM 2 paper's Table 1, measured here. */
export function EffortTable({
  caption,
  of,
  rows,
  total,
  paper,
  definitions,
  name = ({ label }) => label,
}: EffortTableProps) {
  return (
    <div className={table.scroll}>
      <table className={`${table.table} ${styles.table}`}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col" rowSpan={2}>
              {of}
            </th>
            {HEADS.map(({ column, text, colSpan }) => (
              <th
                key={column}
                scope={colSpan ? "colgroup" : "col"}
                rowSpan={colSpan ? undefined : 2}
                colSpan={colSpan}
                className={table.numeric}
              >
                <Defined sentence={definitions[column]}>{text}</Defined>
              </th>
            ))}
          </tr>
          <tr>
            {SIZES.map((size) => (
              <th key={size} scope="col" className={table.numeric}>
                {size}
              </th>
            ))}
          </tr>
        </thead>
        {lines(rows, paper).map(({ key, ours, label, paper: theirs }) => (
          <tbody key={key} className={table.row}>
            <tr>
              <th scope="row">{ours ? name(ours) : label}</th>
              <Cells of={ours} />
            </tr>
            {theirs && (
              <tr className={styles.paper}>
                <th scope="row">
                  the paper’s<span className="visually-hidden">, phase {theirs.phase}</span>
                </th>
                <Cells of={theirs} />
              </tr>
            )}
          </tbody>
        ))}
        {total && (
          <tfoot>
            <tr>
              <th scope="row">All</th>
              <Cells of={total} />
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

const SIZES = ["all", "small", "medium", "large"] as const;

/** Named as their definitions are. */
const HEADS: { column: string; text: string; colSpan?: number }[] = [
  { column: "seconds_per_frame", text: "Time per frame" },
  { column: "edited_frames_share", text: "Edited frames" },
  { column: "clicks_per_clicked_frame", text: "Clicks per clicked frame" },
  { column: "alignment", text: "Phase 1 mask alignment", colSpan: SIZES.length },
  { column: "masklets", text: "Masklets" },
  { column: "frames", text: "Frames" },
];

interface Line {
  key: string;
  label: string;
  ours: EffortRow | undefined;
  paper: PaperRow | undefined;
}

function lines(rows: readonly EffortRow[], paper: readonly PaperRow[] = []): Line[] {
  const ours = rows.map((row) => ({
    key: row.key,
    label: row.label,
    ours: row,
    paper: paper.find(({ phase }) => String(phase) === row.key),
  }));
  const missing = paper
    .filter(({ phase }) => !rows.some(({ key }) => key === String(phase)))
    .map((row) => ({ key: String(row.phase), label: `Phase ${row.phase}`, ours: undefined, paper: row }));
  // The paper's phases are numbers, so their keys sort as they are read.
  return missing.length > 0 ? [...ours, ...missing].sort((a, b) => a.key.localeCompare(b.key)) : ours;
}

type Shown = Pick<
  EffortRow,
  "seconds_per_frame" | "edited_frames_share" | "clicks_per_clicked_frame" | "alignment"
> &
  Partial<Pick<EffortRow, "masklets" | "frames">>;

function Cells({ of }: { of: Shown | undefined }) {
  const compared = of?.alignment?.masks;
  const cells: [string, ReactNode, string?][] = [
    ["time", frameTime(of?.seconds_per_frame)],
    ["edited", share(of?.edited_frames_share, 2)],
    ["clicks", clicks(of?.clicks_per_clicked_frame)],
    ...SIZES.map((size): [string, ReactNode, string?] => [
      size,
      share(of?.alignment?.[size], 1),
      !compared ? undefined : `${compared.toLocaleString("en")} masks compared`,
    ]),
    ["masklets", of?.masklets?.toLocaleString("en")],
    ["frames", of?.frames?.toLocaleString("en")],
  ];
  return (
    <>
      {cells.map(([name, value, title]) => (
        <td key={name} className={table.numeric} title={title}>
          {value === NOTHING ? <span className={styles.nothing}>{NOTHING}</span> : value}
        </td>
      ))}
    </>
  );
}

function Defined({ sentence, children }: { sentence: string | undefined; children: string }) {
  if (!sentence) return children;
  return (
    <Tooltip text={sentence}>
      {/* Its words are explained to the keyboard too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <span tabIndex={0} className={styles.defined}>
        {children}
      </span>
    </Tooltip>
  );
}
