import { useId, useState, type FormEvent } from "react";

import { changeVideos } from "@/api/videos";
import { Button } from "@/ui";

import styles from "./ChosenBar.module.css";
import { Failed } from "./Failed";
import { useChosen, type ChosenProps } from "./useChosen";

/** A tag that all chosen videos get, or none of them has any more. */
export function ChosenTags(props: ChosenProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const tag = typed.trim();
  const { apply, tooMany } = useChosen<"add_tags" | "remove_tags">(props, (project, videos, how) =>
    changeVideos(project, { videos, [how]: [tag] }),
  );
  const known = [...new Set(props.videos.flatMap(({ tags }) => tags))].sort();
  const unknown = tooMany ?? (tag ? undefined : "Write a tag");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!unknown && !apply.isPending) apply.mutate("add_tags");
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <label htmlFor={id} className="visually-hidden">
        Tag
      </label>
      <input
        id={id}
        value={typed}
        maxLength={60}
        placeholder="rain, night …"
        autoComplete="off"
        list={`${id}-list`}
        onChange={({ target }) => setTyped(target.value)}
      />
      <datalist id={`${id}-list`}>
        {known.map((word) => (
          <option key={word} value={word} />
        ))}
      </datalist>
      <Button small type="submit" busy={apply.isPending && "Saving"} disabledReason={unknown}>
        Add
      </Button>
      <Button
        small
        variant="secondary"
        onClick={() => apply.mutate("remove_tags")}
        disabledReason={unknown ?? (known.includes(tag) ? undefined : "None of them has it")}
      >
        Take back
      </Button>
      <Failed error={apply.error} />
    </form>
  );
}
