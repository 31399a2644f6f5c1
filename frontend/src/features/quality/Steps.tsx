import type { MaskletHistory } from "@/api/models";
import { formatMoment } from "@/lib/format";
import { MASKLET_WORDS, Table, type Column } from "@/ui";

type Step = MaskletHistory["steps"][number];

const COLUMNS: readonly Column<Step>[] = [
  { name: "When", header: "When", cell: ({ created_at }) => formatMoment(created_at) },
  {
    name: "What",
    header: "What",
    cell: ({ from_status, to_status }) =>
      `${MASKLET_WORDS[from_status].text} → ${MASKLET_WORDS[to_status].text}`,
  },
  { name: "Who", header: "Who", cell: ({ actor }) => actor ?? "nobody: by itself" },
  { name: "Why", header: "Why", cell: ({ reason }) => reason },
];

/** Every step of a masklet, newest first. */
export function Steps({ steps }: { steps: readonly Step[] }) {
  return <Table caption="Steps" columns={COLUMNS} rows={steps} rowKey={({ created_at }) => created_at} />;
}
