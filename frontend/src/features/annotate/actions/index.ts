import type { Commands, Desk } from "../desk";
import { discard, handBack, submit } from "./finish";
import { redo, undo } from "./history";
import { moves } from "./move";
import { objects } from "./objects";
import { propagateAnew, propagateBackward, propagateBoth, propagateForward, stop } from "./propagate";
import { bind, type Controls, type Spec } from "./spec";
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

/** What the buttons and the keys do, for the desk as it is now. */
export const controlsOf = (desk: Desk, commands: Commands): Controls =>
  Object.fromEntries(
    ACTIONS.map((spec) => [spec.name, { spec, action: bind(spec, desk, commands) }]),
  ) as Controls;
