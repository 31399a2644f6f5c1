import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ScanSearch } from "lucide-react";

import { generate, getEstimate } from "@/api/candidates";
import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { GenerationEstimate, Project } from "@/api/models";
import { formatRough, plural } from "@/lib/format";
import { Button, ErrorNote, Figures } from "@/ui";

import styles from "./EstimateStrip.module.css";

const REFRESH_MS = 10_000;

/** What looking through the rest of the project would take, before anybody asks for it. */
export function EstimateStrip({ project }: { project: Project }) {
  const client = useQueryClient();
  const { data: estimate, error } = useQuery({
    queryKey: keys.generation(project.id),
    queryFn: () => getEstimate(project.id),
    refetchInterval: REFRESH_MS,
  });
  const start = useMutation({
    mutationFn: (key: string) => generate(project.id, {}, key),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.candidates }),
  });
  if (error) return <ErrorNote title="What it would take could not be loaded" error={error} />;
  if (!estimate) return null;
  return (
    <div className={styles.strip}>
      <Figures label="What is left to look through" figures={figures(estimate)} />
      <div className={styles.start}>
        <Button
          variant="primary"
          icon={ScanSearch}
          busy={start.isPending && "Starting"}
          disabledReason={cannot(project, estimate)}
          onClick={() => start.mutate(newIdempotencyKey())}
        >
          Look through {plural(estimate.videos, "video")}
        </Button>
        {start.data && (
          <p className={styles.quiet} role="status">
            {plural(start.data.runs.length, "run")} started
            {start.data.left > 0 &&
              `; ${plural(start.data.left, "video")} wait for room, ask again when some have ended`}
            .
          </p>
        )}
      </div>
      {start.error && <ErrorNote title="It was not started" error={start.error} />}
    </div>
  );
}

const figures = ({ videos, frames, seconds, measured, live, done }: GenerationEstimate) => [
  { label: "Looked through", value: done, note: plural(done, "video").replace(/^\S+ /, "") },
  { label: "Left", value: videos, note: plural(frames, "frame") },
  {
    label: "Would take",
    value: seconds === null ? "unknown" : videos === 0 ? "nothing" : formatRough(seconds),
    note: measured === 0 ? "one video tells" : `of one worker, measured on ${plural(measured, "video")}`,
  },
  {
    label: "Under way",
    value: live,
    note: live === 0 ? "nothing runs" : plural(live, "run").replace(/^\S+ /, ""),
  },
];

function cannot({ roles }: Project, { videos, room }: GenerationEstimate): string | undefined {
  if (!roles.includes("owner")) return "Only owners of this project start that.";
  if (videos === 0) return "Every video that is ready was looked through, or is being looked through.";
  return room === 0
    ? "This project has as many runs under way as it may. Wait until some have ended."
    : undefined;
}
