import type { Rle } from "@/api/models";
import { Signal } from "@/lib/signal";

import type { Contours } from "./contours";
import type { FromWorker, ToWorker } from "./messages";

/** A mask ready to be drawn at any scale. */
export interface Shape {
  path: Path2D;
  area: number;
  bounds: Contours["bounds"];
  anchor: Contours["anchor"];
}

/** Points of all kept outlines together; 8 bytes each here, about as much again in the paths. */
const MOST_POINTS = 2_000_000;

type Port = Pick<Worker, "postMessage" | "terminate"> & {
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
};

/**
 * Turns masks into shapes off the main thread and keeps those used last. `get` answers at once: a
 * shape, or null after asking the worker for it; `arrivals` tells when there is more to draw.
 */
export class Shapes {
  readonly arrivals = new Signal();

  private readonly port: Port;
  private readonly kept = new Map<string, { shape: Shape; points: number }>();
  private readonly asked = new Map<string, number>();
  /** Masks that are none; asked for once, drawn never. */
  private readonly broken = new Set<string>();
  private readonly keys = new Map<number, string>();
  private points = 0;
  private next = 1;

  constructor(port: Port = openWorker()) {
    this.port = port;
    this.port.onmessage = ({ data }) => this.receive(data);
  }

  get(rle: Rle): Shape | null {
    const key = rle.counts;
    const found = this.kept.get(key);
    if (found) {
      this.kept.delete(key);
      this.kept.set(key, found);
      return found.shape;
    }
    if (!this.asked.has(key) && !this.broken.has(key)) {
      const id = this.next++;
      this.asked.set(key, id);
      this.keys.set(id, key);
      const message: ToWorker = { type: "trace", id, rle };
      this.port.postMessage(message);
    }
    return null;
  }

  /** A mask that was traced elsewhere: `get` has it at once. */
  put(rle: Rle, contours: Contours): void {
    this.keep(rle.counts, contours);
  }

  close(): void {
    this.port.onmessage = null;
    this.port.terminate();
  }

  private receive(message: FromWorker): void {
    const key = this.keys.get(message.id);
    if (key === undefined) return;
    this.keys.delete(message.id);
    this.asked.delete(key);
    if (message.type === "refused") {
      this.broken.add(key);
      return;
    }
    this.keep(key, message.contours);
    this.arrivals.emit();
  }

  private keep(key: string, contours: Contours): void {
    const points = contours.points.length / 2;
    this.points += points - (this.kept.get(key)?.points ?? 0);
    this.kept.delete(key);
    this.kept.set(key, { shape: shapeOf(contours), points });
    for (const [oldest, entry] of this.kept) {
      if (this.points <= MOST_POINTS || oldest === key) break;
      this.kept.delete(oldest);
      this.points -= entry.points;
    }
  }
}

function openWorker(): Port {
  return new Worker(new URL("./shapes.worker.ts", import.meta.url), { type: "module" });
}

export function shapeOf(contours: Contours): Shape {
  return { path: pathOf(contours), area: contours.area, bounds: contours.bounds, anchor: contours.anchor };
}

function pathOf({ points, ends }: Contours): Path2D {
  const path = new Path2D();
  let at = 0;
  for (const end of ends) {
    path.moveTo(points[2 * at], points[2 * at + 1]);
    for (at++; at < end; at++) path.lineTo(points[2 * at], points[2 * at + 1]);
    path.closePath();
  }
  return path;
}
