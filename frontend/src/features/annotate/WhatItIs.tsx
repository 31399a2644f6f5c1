import { useSyncExternalStore } from "react";

import type { Masklet } from "@/api/models";
import { Description } from "@/describe/Description";
import { keyOf } from "@/describe/LabelField";
import { useDescription } from "@/describe/useDescription";
import type { Player } from "@/player/player";
import { useActions } from "@/ui";

import styles from "./ObjectList.module.css";
import type { Workbench } from "./workbench";

export interface WhatItIsProps {
  bench: Workbench;
  masklet: Masklet;
  /** Annotated frames of the video. */
  count: number;
  player: Player;
}

/** What the object in hand is: its label, by its key too, and its attributes. */
export function WhatItIs({ bench, masklet, count, player }: WhatItIsProps) {
  const { frame } = useSyncExternalStore(player.subscribe, player.read);
  const described = useDescription(masklet, (saved) => bench.described(saved));
  const { vocabulary, said, say } = described;
  const labels = vocabulary?.labels.filter(({ retired }) => !retired) ?? [];
  useActions(
    labels.flatMap((label) => {
      const key = keyOf(label);
      if (!key) return [];
      const name = said.label === label.name ? "" : label.name;
      return {
        name: `label-${label.id}`,
        label: `Label: ${label.name}`,
        keys: [key],
        group: "What it is",
        perform: () => say({ label: name }),
      };
    }),
  );
  return (
    <section className={styles.section} aria-label="What it is">
      <header className={styles.header}>
        <h2>What it is</h2>
      </header>
      <Description keys {...{ described, count, frame }} onGo={(to) => player.goTo(to)} />
    </section>
  );
}
