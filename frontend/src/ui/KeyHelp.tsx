import { Keyboard } from "lucide-react";
import { useState } from "react";

import type { Action } from "@/lib/actions";

import { useActions, useRegisteredActions } from "./actions";
import { Dialog } from "./Dialog";
import { IconButton } from "./IconButton";
import { Key } from "./Key";
import styles from "./KeyHelp.module.css";

/** The "?" button and its overview, made from the actions of the page that is shown. */
export function KeyHelp() {
  const [open, setOpen] = useState(false);
  useActions([
    { name: "keys", label: "Show the keys", keys: ["?"], group: "Everywhere", perform: () => setOpen(true) },
  ]);
  return (
    <>
      <IconButton icon={Keyboard} label="Keys" shortcut="?" onClick={() => setOpen(true)} />
      {open && <Overview onClose={() => setOpen(false)} />}
    </>
  );
}

function Overview({ onClose }: { onClose: () => void }) {
  const groups = grouped(useRegisteredActions());
  return (
    <Dialog title="Keys" onClose={onClose} wide>
      <div className={styles.groups}>
        {[...groups].map(([group, actions]) => (
          <section key={group}>
            <h3 className={styles.group}>{group}</h3>
            <dl className={styles.list}>
              {actions.map((action) => (
                <Row key={action.name} action={action} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function grouped(actions: readonly Action[]): Map<string, Action[]> {
  const groups = new Map<string, Action[]>();
  for (const action of actions) {
    const group = action.group ?? "This page";
    groups.set(group, [...(groups.get(group) ?? []), action]);
  }
  return groups;
}

function Row({ action }: { action: Action }) {
  return (
    <div className={styles.row}>
      <dt>{action.label}</dt>
      <dd className={styles.keys}>
        {action.keys.map((key) => (
          <Key key={key} name={key} />
        ))}
      </dd>
    </div>
  );
}
