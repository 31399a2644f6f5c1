import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ruler } from "lucide-react";

import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Project } from "@/api/models";
import { getFigures, getRelease, measureRelease } from "@/api/releases";
import { isLive } from "@/api/runs";
import { useLiveRun } from "@/api/useLiveRun";
import { useIdParam } from "@/lib/useIdParam";
import { Button, ButtonLink, ErrorNote, Section, Working, RunProgress } from "@/ui";

import { Comparison } from "./Comparison";
import { Lineage } from "./Lineage";
import { StatisticsPlots } from "./StatisticsPlots";

/** The figures of a release, in the manner of SA-V's own. */
export function ReleasePage({ project }: { project: Project }) {
  const id = useIdParam("releaseId");
  const client = useQueryClient();
  const release = useQuery({ queryKey: [...keys.releases, id], queryFn: () => getRelease(id) });
  const { data: told, error } = useQuery({ queryKey: keys.figures(id), queryFn: () => getFigures(id) });
  const refresh = () => void client.invalidateQueries({ queryKey: keys.figures(id) });
  const run = useLiveRun(told?.run ?? null, refresh);
  const measure = useMutation({
    mutationFn: (key: string) => measureRelease(id, key),
    onSuccess: refresh,
  });
  const isOwner = project.roles.includes("owner");
  const live = run !== null && isLive(run.status);
  if (release.error ?? error)
    return <ErrorNote title="The release could not be loaded" error={release.error ?? error} />;
  if (!release.data || !told) return <Working fill>Loading the release</Working>;
  return (
    <>
      <Section title={release.data.name} level={1} actions={<ButtonLink to="..">All releases</ButtonLink>}>
        {live && <RunProgress run={run} verb="Measured" mayStop={isOwner} onStopped={refresh} />}
        {run?.status === "failed" && (
          <ErrorNote title="Measuring failed" error={run.error && new Error(run.error.message)} />
        )}
        {told.statistics === null && !live && (
          <p>
            Nobody has measured this release yet.{" "}
            {isOwner && (
              <Button
                icon={Ruler}
                onClick={() => measure.mutate(newIdempotencyKey())}
                busy={measure.isPending && "Asking"}
              >
                Measure it
              </Button>
            )}
          </p>
        )}
        {measure.error && <ErrorNote error={measure.error} />}
        {told.statistics && <StatisticsPlots statistics={told.statistics} />}
      </Section>
      {told.lineage && <Lineage lineage={told.lineage} />}
      <Comparison project={project.id} release={release.data} />
    </>
  );
}
