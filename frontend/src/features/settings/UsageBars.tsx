import { useQuery } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Id, Share } from "@/api/models";
import { getUsage } from "@/api/projects";
import { formatBytes } from "@/lib/format";
import { Button, ErrorNote, Progress, Section, Working } from "@/ui";

import styles from "./UsageBars.module.css";

const NEARLY = 0.9;
const whole = (count: number) => count.toLocaleString("en");

/** What the project takes of the installation, beside what it may take. */
export function UsageBars({ project }: { project: Id }) {
  const { data, error, refetch } = useQuery({
    queryKey: keys.usage(project),
    queryFn: () => getUsage(project),
  });
  return (
    <Section title="Room">
      <p className={styles.quiet}>
        Whoever runs this installation decides how much a project may have. Masks are small and not counted.
      </p>
      {error && (
        <ErrorNote title="What this project takes could not be loaded" error={error}>
          <Button small onClick={() => void refetch()}>
            Try again
          </Button>
        </ErrorNote>
      )}
      <div className={styles.bars}>
        {!data && !error && <Working>Adding up</Working>}
        {data && (
          <>
            <Bar label="Videos, exports and checkpoints" share={data.bytes} words={formatBytes} />
            <Bar label="Videos" share={data.videos} words={whole} />
            <Bar label="Runs under way" share={data.runs} words={whole} />
          </>
        )}
      </div>
    </Section>
  );
}

function Bar({
  label,
  share: { used, allowed },
  words,
}: {
  label: string;
  share: Share;
  words: (count: number) => string;
}) {
  const said = `${words(used)} of ${words(allowed)}`;
  return (
    <div className={styles.bar}>
      <span>{label}</span>
      <span className={styles.figure}>{said}</span>
      <Progress
        bare
        label={`${label}: ${said}`}
        done={Math.min(used, allowed)}
        total={Math.max(allowed, 1)}
        tone={used >= NEARLY * allowed ? "bad" : "quiet"}
      />
    </div>
  );
}
