import type { Checkpoint, Promotion } from "@/api/models";

/** Where something stands, in pixels of the drawing. */
export interface Place {
  x: number;
  y: number;
}

export interface CheckpointNode extends Place {
  kind: "checkpoint";
  checkpoint: Checkpoint;
  /** Its place in the line of champions, 1 the first; several where it came back. */
  reigns: number[];
}

export interface ReleaseNode extends Place {
  kind: "release";
  id: number;
  name: string;
}

export interface Edge {
  from: Place;
  to: Place;
  kind: "base" | "release";
}

export interface Graph {
  nodes: (CheckpointNode | ReleaseNode)[];
  edges: Edge[];
  width: number;
  height: number;
}

export const BOX = { width: 200, height: 64 };
export const PILL = { width: 136, height: 26 };
const GAP = { x: 72, y: 60 };
const STEP = { x: BOX.width + GAP.x, y: BOX.height + GAP.y };

/**
 * Generations from left to right, each checkpoint right of what it was retrained from, the first of them on
 * the same line and others below; the release that it learned from stands over the way to it.
 */
export function graph(checkpoints: readonly Checkpoint[], promotions: readonly Promotion[]): Graph {
  const listed = new Set(checkpoints.map(({ id }) => id));
  const oldestFirst = [...checkpoints].sort((a, b) => a.id - b.id);
  const parentOf = ({ parent }: Checkpoint) => (parent !== null && listed.has(parent) ? parent : null);
  const nodes: Graph["nodes"] = [];
  const edges: Edge[] = [];
  let line = 0;
  const place = (checkpoint: Checkpoint, depth: number, above: Place | null) => {
    const at = { x: depth * STEP.x, y: PILL.height + 22 + line * STEP.y };
    const reigns = promotions.filter((each) => each.checkpoint === checkpoint.id).map(({ number }) => number);
    nodes.push({ kind: "checkpoint", checkpoint, reigns: reigns.sort((a, b) => a - b), ...at });
    if (above) edges.push({ from: right(above), to: left(at), kind: "base" });
    if (checkpoint.release !== null) {
      const pill = { x: at.x + (BOX.width - PILL.width) / 2, y: at.y - PILL.height - 12 };
      nodes.push({ kind: "release", id: checkpoint.release, name: checkpoint.release_name, ...pill });
      edges.push({
        from: { x: pill.x + PILL.width / 2, y: pill.y + PILL.height },
        to: { x: at.x + BOX.width / 2, y: at.y },
        kind: "release",
      });
    }
    oldestFirst
      .filter((child) => parentOf(child) === checkpoint.id)
      .forEach((child, i) => {
        if (i > 0) line += 1;
        place(child, depth + 1, at);
      });
  };
  oldestFirst
    .filter((checkpoint) => parentOf(checkpoint) === null)
    .forEach((root, i) => {
      if (i > 0) line += 1;
      place(root, 0, null);
    });
  return {
    nodes,
    edges,
    width: Math.max(0, ...nodes.map(({ x }) => x)) + BOX.width,
    height: Math.max(0, ...nodes.map(({ y }) => y)) + BOX.height,
  };
}

const right = ({ x, y }: Place) => ({ x: x + BOX.width, y: y + BOX.height / 2 });
const left = ({ x, y }: Place) => ({ x, y: y + BOX.height / 2 });

/** What is drawn of a checkpoint, in a sentence. */
export function inWords({ checkpoint, reigns }: CheckpointNode, base: string | undefined): string {
  const { name, release_name, came_from, judged, active } = checkpoint;
  const origin = release_name
    ? `retrained from ${base ?? "a base that is not listed"} on release ${release_name}`
    : came_from
      ? `brought in from ${came_from}`
      : "the installation’s own";
  const judgement = judged
    ? `, judged beside ${judged.champion_name}: J&F ${signed(judged.gain)}, ${judged.passed ? "passed" : "kept out"}`
    : "";
  const reign = active
    ? ", champion now"
    : reigns.length > 0
      ? `, champion ${reigns.length === 1 ? "once" : `${reigns.length} times`}`
      : "";
  return `${name}: ${origin}${judgement}${reign}`;
}

export const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
