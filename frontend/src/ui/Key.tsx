import { keyCaps } from "@/lib/actions";

import styles from "./Key.module.css";

/** A key as it is printed on the keyboard, e.g. `name="Shift+F"`. */
export function Key({ name }: { name: string }) {
  return (
    <span className={styles.keys}>
      {keyCaps(name).map((cap) => (
        <kbd key={cap} className={styles.key}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
