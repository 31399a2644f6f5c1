import { Shapes } from "lucide-react";
import type { ReactNode } from "react";

import { keys } from "@/api/keys";
import { listMasklets } from "@/api/masklets";
import { WITH_PEOPLE, type Id, type Masklet } from "@/api/models";
import { usePages } from "@/api/usePages";
import { plural } from "@/lib/format";
import { colourOf } from "@/masks/colours";
import { Button, ErrorNote, MaskletChip, Thumbnail, Working } from "@/ui";

import styles from "./ObjectsField.module.css";

interface ObjectsFieldProps {
  project: Id;
  chosen: ReadonlySet<Id>;
  onChange: (chosen: ReadonlySet<Id>) => void;
}

/** The objects that will be annotated in every phase, told by the masklets that show them. */
export function ObjectsField({ project, chosen, onChange }: ObjectsFieldProps) {
  const { rows, error, refetch, more, fetchingMore } = usePages(
    [...keys.masklets, { project, view: undefined }],
    () => listMasklets({ project, status: WITH_PEOPLE }),
  );
  // One that has no mask cannot say which object is meant; an experiment's own are somebody's copy.
  const usable = rows?.filter(({ revision, trial }) => revision > 0 && !trial);
  const set = (ids: readonly Id[], on: boolean) => {
    const after = new Set(chosen);
    for (const id of ids) {
      if (on) after.add(id);
      else after.delete(id);
    }
    onChange(after);
  };
  const all = usable !== undefined && usable.length > 0 && usable.every(({ id }) => chosen.has(id));
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>Objects</legend>
      <div className={styles.header}>
        <span className={styles.quiet}>
          {chosen.size === 0
            ? "Each is annotated in all three phases."
            : `${plural(chosen.size, "object")}, ${plural(3 * chosen.size, "masklet")} to annotate.`}
        </span>
        {usable && usable.length > 0 && (
          <Button
            small
            variant="quiet"
            onClick={() =>
              set(
                usable.map(({ id }) => id),
                !all,
              )
            }
          >
            {all ? "Choose none" : "Choose all shown"}
          </Button>
        )}
      </div>
      <div className={styles.box}>
        {error && (
          <ErrorNote title="The objects could not be loaded" error={error}>
            <Button small onClick={refetch}>
              Try again
            </Button>
          </ErrorNote>
        )}
        {!usable && !error && (
          <Middle>
            <Working>Loading the objects</Working>
          </Middle>
        )}
        {usable?.length === 0 && (
          <Middle>
            <Shapes size={20} aria-hidden />
            <span>
              No object has a mask yet. Annotate some first: their masks say which objects are meant.
            </span>
          </Middle>
        )}
        <ul>
          {usable?.map((masklet) => (
            <li key={masklet.id}>
              <Row masklet={masklet} on={chosen.has(masklet.id)} onChange={(on) => set([masklet.id], on)} />
            </li>
          ))}
        </ul>
        {more && (
          <Button small variant="quiet" onClick={more} busy={fetchingMore && "Loading more"}>
            Show more
          </Button>
        )}
      </div>
    </fieldset>
  );
}

const Middle = ({ children }: { children: ReactNode }) => <div className={styles.middle}>{children}</div>;

function Row({ masklet, on, onChange }: { masklet: Masklet; on: boolean; onChange: (on: boolean) => void }) {
  const { object_id, label, video_name, thumbnail_url, status } = masklet;
  return (
    <label className={styles.row}>
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
      <Thumbnail url={thumbnail_url} />
      <span className={styles.names}>
        <span className={styles.object}>
          <span className={styles.swatch} style={{ background: colourOf(object_id) }} aria-hidden />
          {object_id} {label || <span className={styles.quiet}>no label</span>}
        </span>
        <span className={styles.quiet}>{video_name}</span>
      </span>
      <MaskletChip status={status} />
    </label>
  );
}
