import { discard, handBack, submit } from "./finish";
import { redo, undo } from "./history";
import { moves } from "./move";
import { objects } from "./objects";
import { propagateAnew, propagateBackward, propagateBoth, propagateForward, stop } from "./propagate";
import type { Spec } from "./spec";
import {
  absentHere,
  boxTool,
  brushTool,
  eraserTool,
  fitPicture,
  hideMasks,
  largerBrush,
  pointTool,
  showOthers,
  smallerBrush,
  zoomIn,
  zoomOut,
} from "./tools";

/** Everything that can be done on the annotate page. */
export const ACTIONS: readonly Spec[] = [
  ...moves,
  pointTool,
  boxTool,
  brushTool,
  eraserTool,
  smallerBrush,
  largerBrush,
  absentHere,
  propagateForward,
  propagateBackward,
  propagateBoth,
  propagateAnew,
  stop,
  undo,
  redo,
  submit,
  handBack,
  discard,
  ...objects,
  hideMasks,
  showOthers,
  zoomIn,
  zoomOut,
  fitPicture,
];
