import { PackageOpen, Plus } from "lucide-react";
import { useState } from "react";

import { keys } from "@/api/keys";
import type { Project } from "@/api/models";
import { listReleases } from "@/api/releases";
import { usePages } from "@/api/usePages";
import { plural } from "@/lib/format";
import { Button, EmptyState, ErrorNote, Section, Working, useActions } from "@/ui";

import { NewReleaseDialog } from "./NewReleaseDialog";
import { ReleaseCard } from "./ReleaseCard";

export function ReleasesPage({ project }: { project: Project }) {
  const [creating, setCreating] = useState(false);
  const { rows, error, refetch, more, fetchingMore } = usePages(
    [...keys.releases, { project: project.id }],
    () => listReleases(project.id),
    {
      poll: (releases) =>
        releases.some(({ run, exports }) => run !== null || exports.length > 0) ? 5000 : false,
    },
  );
  const isOwner = project.roles.includes("owner");
  const reason = isOwner ? undefined : "Only owners of this project make releases. Ask one of them.";
  const create = () => setCreating(true);
  useActions([
    {
      name: "new-release",
      label: "New release",
      keys: ["N"],
      group: "Releases",
      disabled: reason,
      perform: create,
    },
  ]);
  const button = (variant: "primary" | "secondary") => (
    <Button variant={variant} icon={Plus} shortcut="N" onClick={create} disabledReason={reason}>
      New release
    </Button>
  );
  return (
    <Section title="Releases" level={1} actions={rows?.length ? button("secondary") : undefined}>
      {error && (
        <ErrorNote title="The releases could not be loaded" error={error}>
          <Button small onClick={refetch}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {!rows && !error && <Working fill>Loading the releases</Working>}
      {rows?.length === 0 && (
        <EmptyState
          icon={PackageOpen}
          title="No releases yet"
          action={button((project.counts.accepted ?? 0) > 0 ? "primary" : "secondary")}
        >
          A release freezes the accepted masklets ({project.counts.accepted ?? 0} now) as they are, and writes
          them as a dataset that never changes.
        </EmptyState>
      )}
      {rows?.map((release) => (
        <ReleaseCard key={release.id} release={release} isOwner={isOwner} />
      ))}
      {more && (
        <Button variant="quiet" onClick={more} busy={fetchingMore && "Loading more"}>
          Show more
        </Button>
      )}
      {creating && (
        <NewReleaseDialog
          project={project.id}
          accepted={plural(project.counts.accepted ?? 0, "accepted masklet")}
          onClose={() => setCreating(false)}
        />
      )}
    </Section>
  );
}
