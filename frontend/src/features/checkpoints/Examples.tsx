import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { keys } from "@/api/keys";
import type { GateEvaluation } from "@/api/models";
import { getVideo } from "@/api/videos";
import { Thumbnail } from "@/ui";

import styles from "./Examples.module.css";

type Example = GateEvaluation["examples"][number];

/** Where the two differ most: somebody who looks there knows what the figures mean. */
export function Examples({ told }: { told: GateEvaluation }) {
  if (told.examples.length === 0) return null;
  return (
    <div>
      <h4 className={styles.title}>Masklets on which the two differ most</h4>
      <ul className={styles.list}>
        {told.examples.map((example) => (
          <Card key={example.masklet} example={example} champion={told.champion_name} />
        ))}
      </ul>
    </div>
  );
}

function Card({ example, champion }: { example: Example; champion: string }) {
  const { masklet, video, before, after } = example;
  const { data } = useQuery({ queryKey: keys.video(video), queryFn: () => getVideo(video) });
  return (
    <li className={styles.card} data-better={after > before}>
      <Link to={`/videos/${video}`} className={styles.link} aria-label={`masklet ${masklet}`}>
        <Thumbnail url={data?.thumbnail_url ?? null} size="large" />
        <span>
          masklet {masklet}
          {data && <span className={styles.quiet}>, {data.name}</span>}
        </span>
      </Link>
      <Bar name={champion} value={before} />
      <Bar name="this one" value={after} strong />
    </li>
  );
}

/** J&F from one click, 0 to 1. */
const Bar = ({ name, value, strong }: { name: string; value: number; strong?: boolean }) => (
  <div className={styles.bar}>
    <span className={styles.name}>{name}</span>
    <span className={styles.track} aria-hidden>
      <span className={styles.fill} data-strong={strong} style={{ width: `${value * 100}%` }} />
    </span>
    <span className={styles.value}>{value.toFixed(3)}</span>
  </div>
);
