import { useSyncExternalStore } from "react";

import type { VerdictValue } from "@/api/models";
import { Pins } from "@/desk/Pins";
import type { Action } from "@/lib/actions";
import { Button, ErrorNote, useActions } from "@/ui";

import { reviewActions } from "../actions";
import { Reasons } from "../Reasons";
import styles from "../ReviewDesk.module.css";
import { said } from "../said";
import type { Looking } from "../useLooking";
import { useVerdictForm } from "../useVerdictForm";
import { VerdictKeys } from "../VerdictKeys";
import { Why } from "../Why";
import { MemberList } from "./MemberList";
import { neighbourOf, openOnes } from "./members";
import type { useTogether } from "./useTogether";

export interface ChosenProps {
  together: ReturnType<typeof useTogether>;
  looking: Looking;
  undoable: boolean;
}

/** The masklets as a list, what is said of the chosen one, and the three verdicts about it. */
export function Chosen({ together, looking, undoable }: ChosenProps) {
  const { members, selected, select, give } = together;
  const { player } = looking.footage;
  const { frame } = useSyncExternalStore(player.subscribe, player.read);
  const form = useVerdictForm();
  const { review, previous } = selected;
  const left = openOnes(members);
  const refusal = (verdict: VerdictValue): string | undefined => {
    if (selected.outcome !== null) return "This one is decided. Choose another.";
    return give.isPending ? "The verdict is being saved." : form.refusal(verdict);
  };
  const tryToGive = (verdict: VerdictValue) => {
    const no = refusal(verdict);
    form.setProblem(no);
    if (no === undefined) give.mutate({ member: selected, verdict: form.verdictOf(verdict) });
  };
  const passAll = async () => {
    // One after the other: the first that is refused is shown, and the others stay as they are.
    for (const member of left) await give.mutateAsync({ member, verdict: { verdict: "satisfactory" } });
  };
  const all = {
    refusal: give.isPending ? "The verdict is being saved." : undefined,
    perform: () => void passAll().catch(() => undefined),
  };
  const commands = {
    looking,
    named: review.places,
    undoable,
    give: tryToGive,
    undo: together.takeBack,
    toggleReason: (index: number) => form.reasons[index] && form.toggle(form.reasons[index].code),
    pin: form.pin,
    leave: () => together.leave.mutate(),
  };
  useActions([
    ...reviewActions(commands).filter(({ name }) => name !== "order"),
    ...choosing((by) => select(neighbourOf(members, selected.id, by)?.id ?? selected.id), all),
  ]);
  return (
    <aside className={styles.side} aria-label="Masklets and verdict">
      <div className={styles.scroll}>
        <MemberList members={members} selected={selected.id} onSelect={select} />
        {left.length > 1 && (
          <Button small variant="quiet" shortcut="Shift+S" disabledReason={all.refusal} onClick={all.perform}>
            All {left.length} are satisfactory
          </Button>
        )}
        {review.discard_reason !== null && (
          <p className={styles.before}>
            Its annotator would discard it: {review.discard_reason || "no reason"}
          </p>
        )}
        {previous && <p className={styles.before}>Asked for last time: {said(previous, form.reasons)}</p>}
        <Why places={review.places} frame={frame} onGo={(to) => player.goTo(to)} />
        <Pins
          pins={form.pins}
          frame={frame}
          onGo={(to) => player.goTo(to)}
          onNote={(at, note) => form.pin(at, (was) => ({ ...was, note }))}
          onRemove={form.unpin}
        />
        <Reasons form={form} />
        {give.error && <ErrorNote title="A verdict was not saved" error={give.error} />}
      </div>
      <VerdictKeys
        sending={give.isPending ? give.variables.verdict.verdict : null}
        refusal={refusal}
        onGive={tryToGive}
      />
    </aside>
  );
}

function choosing(
  move: (by: 1 | -1) => void,
  all: { refusal: string | undefined; perform: () => void },
): Action[] {
  const group = "Masklets";
  return [
    { name: "next-masklet", label: "Next masklet", keys: ["ArrowDown"], group, perform: () => move(1) },
    {
      name: "previous-masklet",
      label: "Previous masklet",
      keys: ["ArrowUp"],
      group,
      perform: () => move(-1),
    },
    {
      name: "all-satisfactory",
      label: "All that are left are satisfactory",
      keys: ["Shift+S"],
      group,
      disabled: all.refusal,
      perform: all.perform,
    },
  ];
}
