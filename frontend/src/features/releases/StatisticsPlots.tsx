import type { Statistics } from "@/api/models";
import { BarPlot, Figures } from "@/ui";

import { histogram, named, share } from "./bars";
import styles from "./ReleasePage.module.css";

const number = (value: number) => value.toLocaleString("en");

export function StatisticsPlots({ statistics: s }: { statistics: Statistics }) {
  return (
    <>
      <Figures
        label="The release in numbers"
        figures={[
          { label: "Masklets", value: number(s.masklets), note: `${number(s.by_source.manual ?? 0)} manual` },
          { label: "Masks", value: number(s.masks), note: `${number(s.annotated)} looked at` },
          { label: "Videos", value: number(s.videos), note: `${(s.seconds / 3600).toFixed(2)} hours` },
          { label: "Disappearance rate", value: share(s.disappearance_rate), note: "SA-V manual: 42.5 %" },
          {
            label: "Edited frames",
            value: s.edited_share === null ? "none" : share(s.edited_share),
            note: "SA-V, phase 3: 19 %",
          },
        ]}
      />
      <div className={styles.plots}>
        <BarPlot
          title="Mean size"
          description="Masklets by the mean share of the frame that they cover."
          parts={["masklets"]}
          bars={histogram(s.areas, s.area_edges, share)}
        />
        <BarPlot
          title="Visibility changes"
          description="Masklets by how often they vanish or come back."
          parts={["masklets"]}
          bars={s.changes.map((count, i) => ({
            key: String(i),
            label: i === s.changes.length - 1 ? `${i} and more` : String(i),
            parts: [count],
            words: number(count),
          }))}
        />
        <BarPlot
          title="Edited frames"
          description="Manual masklets by the share of their frames that people edited."
          parts={["masklets"]}
          bars={histogram(s.edited, s.edited_edges, share)}
        />
        <BarPlot
          title="Duration"
          description="Videos by their length in seconds."
          parts={["videos"]}
          bars={histogram(s.durations, s.duration_edges, (edge) => `${edge} s`)}
        />
        <BarPlot
          title="Labels"
          description="Masklets by label, the most frequent ones."
          parts={["masklets"]}
          bars={named(s.by_label, "no label")}
        />
        <BarPlot
          title="Splits"
          description="Videos by the side of the dataset that they are on."
          parts={["videos"]}
          bars={named(s.by_split, "none")}
        />
      </div>
    </>
  );
}
