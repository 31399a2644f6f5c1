import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { keys } from "@/api/keys";
import type { Id, Release, ReleaseDiff } from "@/api/models";
import { compareReleases, listReleases } from "@/api/releases";
import { plural } from "@/lib/format";
import { ErrorNote, Section, SelectField, Working } from "@/ui";

import styles from "./ReleasePage.module.css";

const PARTS: { key: keyof ReleaseDiff; words: string }[] = [
  { key: "added", words: "that the other lacks" },
  { key: "removed", words: "that the other has besides" },
  { key: "changed", words: "with other masks" },
  { key: "relabelled", words: "with another label" },
];
const SHOWN = 20;

/** What a release has beside another one of its project. */
export function Comparison({ project, release }: { project: Id; release: Release }) {
  const [other, setOther] = useState<Id | null>(null);
  const { data: page } = useQuery({
    queryKey: [...keys.releases, { project }, "all"],
    queryFn: () => listReleases(project),
  });
  const others = page?.results.filter(({ id, status }) => id !== release.id && status !== "draft") ?? [];
  const { data: diff, error } = useQuery({
    queryKey: keys.diff(release.id, other ?? 0),
    queryFn: () => compareReleases(release.id, other ?? 0),
    enabled: other !== null,
  });
  if (others.length === 0) return null;
  return (
    <Section title="Compared">
      <div className={styles.compare}>
        <SelectField
          label="With"
          value={other ?? ""}
          onChange={(event) => setOther(event.target.value ? Number(event.target.value) : null)}
        >
          <option value="">Choose a release</option>
          {others.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        {error && <ErrorNote error={error} />}
        {other !== null && !diff && !error && <Working>Comparing</Working>}
        {diff && PARTS.map(({ key, words }) => <Difference key={key} words={words} part={diff[key]} />)}
      </div>
    </Section>
  );
}

function Difference({ words, part }: { words: string; part: ReleaseDiff["added"] }) {
  return (
    <details>
      <summary>
        {plural(part.count, "masklet")} {words}
      </summary>
      <ul className={styles.found}>
        {part.masklets.slice(0, SHOWN).map(({ masklet, video, video_name, object_id, label }) => (
          <li key={masklet}>
            <Link to={`/videos/${video}`}>{video_name}</Link>, object {object_id}
            {label && ` (${label})`}
          </li>
        ))}
        {part.count > SHOWN && <li>and {part.count - SHOWN} others</li>}
      </ul>
    </details>
  );
}
