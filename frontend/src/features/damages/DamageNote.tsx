import { useQuery } from "@tanstack/react-query";

import { listDamages } from "@/api/damages";
import { keys } from "@/api/keys";
import type { Id } from "@/api/models";
import { formatMoment, plural } from "@/lib/format";
import { ErrorNote } from "@/ui";

/** What owners must know wherever they are: some of what was stored is missing or has changed. */
export function DamageNote({ project }: { project: Id }) {
  const { data } = useQuery({ queryKey: keys.damages(project), queryFn: () => listDamages(project) });
  if (!data?.results.length) return null;
  const count =
    data.next === null
      ? plural(data.results.length, "stored object")
      : `More than ${plural(data.results.length, "stored object")}`;
  return (
    <ErrorNote
      title={`${count} ${data.results.length === 1 ? "is" : "are"} missing or damaged`}
      error={
        new Error(
          "Ask whoever runs this installation to bring them back from a backup; manage.py verify_store looks again.",
        )
      }
    >
      <details>
        <summary>Which</summary>
        <ul>
          {data.results.map(({ id, key, sentence, found_at }) => (
            <li key={id}>
              {sentence} <code>{key}</code>, found <time dateTime={found_at}>{formatMoment(found_at)}</time>
            </li>
          ))}
        </ul>
      </details>
    </ErrorNote>
  );
}
