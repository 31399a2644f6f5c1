import { useQueryClient } from "@tanstack/react-query";
import { ChartBar, GraduationCap, PackageCheck, Snowflake } from "lucide-react";
import { useState } from "react";

import { keys } from "@/api/keys";
import type { Release } from "@/api/models";
import { isLive } from "@/api/runs";
import { useLiveRun } from "@/api/useLiveRun";
import { plural } from "@/lib/format";
import { Button, ButtonLink, ErrorNote, ReleaseChip, RunProgress } from "@/ui";

import { ExportDialog } from "./ExportDialog";
import { ExportRow } from "./ExportRow";
import { FreezeDialog } from "./FreezeDialog";
import styles from "./ReleaseCard.module.css";

export function ReleaseCard({ release, isOwner }: { release: Release; isOwner: boolean }) {
  const [asking, setAsking] = useState<"freeze" | "export" | null>(null);
  const client = useQueryClient();
  const refresh = () => void client.invalidateQueries({ queryKey: keys.releases });
  const run = useLiveRun(release.run, refresh);
  const live = run !== null && isLive(run.status);
  const isDraft = release.status === "draft";
  return (
    <article className={styles.card}>
      <header className={styles.header}>
        <h2 className={styles.name}>{release.name}</h2>
        <ReleaseChip status={release.status} />
        {!isDraft && (
          <span className={styles.quiet}>
            {plural(release.masklet_count, "masklet")} in {plural(release.video_count, "video")}
          </span>
        )}
        {isOwner && !live && (
          <div className={styles.actions}>
            {isDraft ? (
              <Button icon={Snowflake} onClick={() => setAsking("freeze")}>
                Freeze
              </Button>
            ) : (
              <>
                <ButtonLink icon={ChartBar} to={String(release.id)}>
                  Figures
                </ButtonLink>
                <ButtonLink icon={GraduationCap} to={`../checkpoints?retrain=${release.id}`}>
                  Retrain
                </ButtonLink>
                <Button icon={PackageCheck} onClick={() => setAsking("export")}>
                  Export
                </Button>
              </>
            )}
          </div>
        )}
      </header>
      {isDraft && !live && (
        <p className={styles.quiet}>
          Holds nothing yet. Freezing takes in every masklet that is accepted then.
        </p>
      )}
      {run && live && <RunProgress run={run} verb="Pinning" mayStop={isOwner} onStopped={refresh} />}
      {run?.status === "failed" && (
        <ErrorNote title="The freeze failed" error={run.error && new Error(run.error.message)} />
      )}
      {run?.status === "cancelled" && (
        <p className={styles.quiet}>The last freeze was stopped before its end.</p>
      )}
      {!isDraft && release.exports.length === 0 && (
        <p className={styles.quiet}>Not written in any format yet.</p>
      )}
      {release.exports.length > 0 && (
        <ul className={styles.exports} aria-label={`Exports of ${release.name}`}>
          {release.exports.map((exported) => (
            <ExportRow
              key={exported.id}
              exported={exported}
              isOwner={isOwner}
              mayDownload={release.may_download}
            />
          ))}
        </ul>
      )}
      {release.exports.length > 0 && !release.may_download && (
        <p className={styles.quiet}>
          Your role does not download exports in this project. Ask an owner for a copy.
        </p>
      )}
      {asking === "freeze" && <FreezeDialog release={release} onClose={() => setAsking(null)} />}
      {asking === "export" && <ExportDialog release={release} onClose={() => setAsking(null)} />}
    </article>
  );
}
