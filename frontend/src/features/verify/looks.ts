/** The ways in which the masklet is drawn over the picture. */
import type { MaskLook } from "@/masks/draw";
import { SELECTED } from "@/masks/draw";
import type { Lane } from "@/player/lane";

export const LOOKS = ["filled", "outline", "cut out", "heat"] as const;
export type Look = (typeof LOOKS)[number];

export const nextLook = (look: Look): Look => LOOKS[(LOOKS.indexOf(look) + 1) % LOOKS.length] ?? "filled";

/** How the mask of `frame` is drawn. Where it is doubted it is dashed, whatever the colour. */
export function lookOf(look: Look, colour: string, lane: Lane, frame: number): MaskLook {
  const doubtful = lane.doubts.has(frame);
  const plain = { ...SELECTED, colour, doubtful };
  if (look === "outline") return { ...plain, fill: 0 };
  if (look === "cut out") return { ...plain, fill: 0, cutOut: true };
  if (look === "heat") return { ...plain, colour: heatOf(doubtAt(lane, frame)), fill: 0.5 };
  return plain;
}

/** 0 to 1: the chance that the mask of `frame` is wrong, as far as it was told. */
export function doubtAt({ places }: Lane, frame: number): number {
  const here = places.find(({ first_frame, last_frame }) => first_frame <= frame && frame <= last_frame);
  return here?.score ?? 0;
}

/** From blue-green for sure to red for surely wrong, alike in lightness. */
export const heatOf = (doubt: number): string =>
  `oklch(0.74 0.16 ${Math.round(185 - 160 * Math.min(1, Math.max(0, doubt)))})`;
