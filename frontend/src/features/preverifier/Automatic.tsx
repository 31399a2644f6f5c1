import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { keys } from "@/api/keys";
import type { AutomaticVerdicts, AutomaticWish, PreverifierReport, Project } from "@/api/models";
import { allowAutomatic } from "@/api/preverifier";
import { formatMoment } from "@/lib/format";
import { Button, ErrorNote, SelectField } from "@/ui";

import styles from "./PreverifierPage.module.css";
import { Way } from "./Way";
import { percent } from "./words";

const PRECISIONS = [0.8, 0.9, 0.95, 0.98, 0.99];
const SHARES = [0.05, 0.1, 0.2, 0.5];

/** What the pre-verifier may decide without people, and what is promised about it. */
export function Automatic({ project, report }: { project: Project; report: PreverifierReport }) {
  const client = useQueryClient();
  const [wish, setWish] = useState<AutomaticWish>({});
  const isOwner = project.roles.includes("owner");
  const shown = { ...report.automatic, ...wish };
  const save = useMutation({
    mutationFn: () => allowAutomatic(project.id, wish),
    onSuccess: () => setWish({}),
    onSettled: () => client.invalidateQueries({ queryKey: keys.preverifier(project.id) }),
  });
  const change = (more: AutomaticWish) => setWish((before) => ({ ...before, ...more }));
  const nothing = Object.keys(wish).length === 0 ? "Nothing was changed." : undefined;
  return (
    <fieldset className={styles.automatic}>
      <legend>Verdicts without people</legend>
      <Ended automatic={report.automatic} />
      <div className={styles.promise}>
        <SelectField
          label="Promised precision"
          hint="Of what it decides, the share that is right, at any time."
          value={shown.precision}
          onChange={(event) => change({ precision: Number(event.target.value) })}
        >
          {options(PRECISIONS, shown.precision)}
        </SelectField>
        <SelectField
          label="Share for people"
          hint="Drawn at random from what it would decide; their verdicts keep the promise honest."
          value={shown.people_share}
          onChange={(event) => change({ people_share: Number(event.target.value) })}
        >
          {options(SHARES, shown.people_share)}
        </SelectField>
      </div>
      <Way
        label="Pass what is likely right"
        on={shown.passing}
        at={shown.pass_below}
        verb="below"
        choices={report.thresholds.passing}
        promised={shown.precision}
        onToggle={(passing) => change({ passing })}
        onChoose={(at) => change({ pass_below: at as AutomaticWish["pass_below"] })}
      />
      <Way
        label="Return what is likely wrong"
        on={shown.returning}
        at={shown.return_above}
        verb="above"
        choices={report.thresholds.returning}
        promised={shown.precision}
        onToggle={(returning) => change({ returning })}
        onChoose={(at) => change({ return_above: at as AutomaticWish["return_above"] })}
      />
      {save.error && <ErrorNote title="Nothing was changed" error={save.error} />}
      <Button
        onClick={() => save.mutate()}
        busy={save.isPending && "Saving"}
        disabledReason={isOwner ? nothing : "Only owners of this project allow that. Ask one of them."}
      >
        Save
      </Button>
    </fieldset>
  );
}

function Ended({ automatic }: { automatic: AutomaticVerdicts }) {
  if (!automatic.ended_at) return null;
  return (
    <p role="note" className={styles.ended}>
      Switched off by itself on {formatMoment(automatic.ended_at)}. {automatic.ended_because}
    </p>
  );
}

const options = (values: number[], chosen: number) =>
  [...new Set([...values, chosen])]
    .sort((a, b) => a - b)
    .map((value) => (
      <option key={value} value={value}>
        {percent(value, value > 0.98 && value < 0.99 ? 1 : 0)}
      </option>
    ));
