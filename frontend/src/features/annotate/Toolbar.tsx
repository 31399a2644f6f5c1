import type { Tool } from "@/canvas/gesture";

import { ActionIcon, type Control } from "./ActionControls";
import { discard } from "./actions/finish";
import { redo, undo } from "./actions/history";
import type { Spec } from "./actions/spec";
import {
  absentHere,
  boxTool,
  brushTool,
  eraserTool,
  fitPicture,
  hideMasks,
  pointTool,
  zoomIn,
  zoomOut,
} from "./actions/tools";
import styles from "./Toolbar.module.css";

export interface ToolbarProps {
  control: (spec: Spec) => Control;
  tool: Tool;
  hidden: boolean;
}

/** The tools at the left of the picture. */
export function Toolbar({ control, tool, hidden }: ToolbarProps) {
  return (
    <div className={styles.tools} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      <ActionIcon control={control(pointTool)} pressed={tool === "point"} side="right" />
      <ActionIcon control={control(boxTool)} pressed={tool === "box"} side="right" />
      <ActionIcon control={control(brushTool)} pressed={tool === "brush"} side="right" />
      <ActionIcon control={control(eraserTool)} pressed={tool === "eraser"} side="right" />
      <ActionIcon control={control(absentHere)} side="right" />
      <hr />
      <ActionIcon control={control(undo)} side="right" />
      <ActionIcon control={control(redo)} side="right" />
      <hr />
      <ActionIcon control={control(hideMasks)} pressed={hidden} side="right" />
      <ActionIcon control={control(zoomIn)} side="right" />
      <ActionIcon control={control(zoomOut)} side="right" />
      <ActionIcon control={control(fitPicture)} side="right" />
      <span className={styles.grow} />
      <ActionIcon control={control(discard)} side="right" />
    </div>
  );
}
