import { useQuery } from "@tanstack/react-query";
import { Check, Crown, ShieldX } from "lucide-react";
import { Link } from "react-router";

import { keys } from "@/api/keys";
import { listPromotions } from "@/api/loop";
import type { Checkpoint, Id } from "@/api/models";

import { BOX, graph, inWords, PILL, signed, type CheckpointNode, type Edge, type ReleaseNode } from "./graph";
import styles from "./LineageGraph.module.css";

/**
 * What came of what: releases and bases to the left and above, checkpoints with how they were judged
 * and whether they were champion. Each is a button or a link whose name says it in words.
 */
export function LineageGraph({
  project,
  rows,
  chosen,
  choose,
}: {
  project: Id;
  rows: readonly Checkpoint[];
  chosen: Id | undefined;
  choose: (id: Id) => void;
}) {
  const { data } = useQuery({
    queryKey: [...keys.checkpoints, "promotions", project],
    queryFn: () => listPromotions(project),
  });
  const { nodes, edges, width, height } = graph(rows, data?.results ?? []);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return (
    // It is wider than the page after some rounds, and then scrolls by the keyboard, too.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroll} role="group" aria-label="Lineage of the checkpoints" tabIndex={0}>
      <div className={styles.drawing} style={{ width, height }}>
        <svg width={width} height={height} className={styles.edges} aria-hidden>
          {edges.map((edge) => (
            <path key={way(edge)} d={way(edge)} data-kind={edge.kind} />
          ))}
        </svg>
        {nodes.map((node) =>
          node.kind === "release" ? (
            <Release key={`release ${node.id} ${node.x} ${node.y}`} node={node} project={project} />
          ) : (
            <Box
              key={node.checkpoint.id}
              node={node}
              base={names.get(node.checkpoint.parent ?? 0)}
              pressed={node.checkpoint.id === chosen}
              choose={choose}
            />
          ),
        )}
      </div>
    </div>
  );
}

/** A curve from one to the other, level at both ends; straight down from a release. */
function way({ from, to, kind }: Edge): string {
  if (kind === "release") return `M${from.x} ${from.y}L${to.x} ${to.y}`;
  const middle = (from.x + to.x) / 2;
  return `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
}

const Release = ({ node, project }: { node: ReleaseNode; project: Id }) => (
  <Link
    to={`/projects/${project}/releases/${node.id}`}
    className={styles.release}
    style={{ left: node.x, top: node.y, width: PILL.width, height: PILL.height }}
    title={`Release ${node.name}`}
  >
    {node.name}
  </Link>
);

function Box({
  node,
  base,
  pressed,
  choose,
}: {
  node: CheckpointNode;
  base: string | undefined;
  pressed: boolean;
  choose: (id: Id) => void;
}) {
  const { checkpoint, reigns } = node;
  const { judged } = checkpoint;
  return (
    <button
      type="button"
      className={styles.box}
      style={{ left: node.x, top: node.y, width: BOX.width, height: BOX.height }}
      aria-pressed={pressed}
      aria-label={inWords(node, base)}
      data-status={checkpoint.status}
      onClick={() => choose(checkpoint.id)}
    >
      <span className={styles.name}>{checkpoint.name}</span>
      <span className={styles.facts}>
        {reigns.length > 0 && (
          <span className={styles.fact}>
            <Crown size={13} aria-hidden />
            {reigns.map((number) => `№ ${number}`).join(", ")}
          </span>
        )}
        {judged && (
          <span className={styles.fact} data-passed={judged.passed}>
            {judged.passed ? <Check size={13} aria-hidden /> : <ShieldX size={13} aria-hidden />}
            {signed(judged.gain)}
          </span>
        )}
        {reigns.length === 0 && !judged && <span>{checkpoint.came_from ? "brought in" : "not judged"}</span>}
      </span>
    </button>
  );
}
