import type { PreverifierReport, PreverifierVersion } from "@/api/models";
import { formatMoment } from "@/lib/format";
import { Chip, Table, type Column } from "@/ui";

/** What was fitted, and why it is used or not. */
export function Versions({ report }: { report: PreverifierReport }) {
  if (report.versions.length === 0) {
    return (
      <p>
        Fitted on rendered footage alone so far. A version of this project’s own learns from its verdicts.
      </p>
    );
  }
  return <Table caption="Versions" columns={COLUMNS} rows={report.versions} rowKey={({ id }) => id} />;
}

const COLUMNS: Column<PreverifierVersion>[] = [
  { name: "Version", header: "Version", cell: ({ number }) => number, numeric: true },
  {
    name: "State",
    header: "State",
    cell: ({ status }) => (
      <Chip tone={status === "active" ? "good" : "quiet"}>{status === "active" ? "in use" : status}</Chip>
    ),
  },
  { name: "Fitted on", header: "Fitted on", cell: ({ fitted_on }) => `${fitted_on} verdicts`, numeric: true },
  {
    name: "AUC before → now",
    header: "AUC before → now",
    cell: ({ figures }) => both(figures.former?.auc, figures.candidate?.auc),
    numeric: true,
  },
  {
    name: "Loss before → now",
    header: "Loss before → now",
    cell: ({ figures }) => both(figures.former?.loss, figures.candidate?.loss),
    numeric: true,
  },
  { name: "Judged", header: "Judged", cell: ({ figures }) => figures.note },
  { name: "Made", header: "Made", cell: ({ created_at }) => formatMoment(created_at) },
];

const both = (before: number | undefined, now: number | undefined): string =>
  before === undefined || now === undefined ? "–" : `${before.toFixed(3)} → ${now.toFixed(3)}`;
