import type { Tool } from "@/canvas/gesture";

import { ActionIcon } from "./ActionControls";
import type { Controls } from "./actions/spec";
import styles from "./Toolbar.module.css";

export interface ToolbarProps {
  controls: Controls;
  tool: Tool;
  hidden: boolean;
}

/** The tools at the left of the picture. */
export function Toolbar({ controls, tool, hidden }: ToolbarProps) {
  return (
    <div className={styles.tools} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      <ActionIcon control={controls.point} pressed={tool === "point"} side="right" />
      <ActionIcon control={controls.box} pressed={tool === "box"} side="right" />
      <ActionIcon control={controls.brush} pressed={tool === "brush"} side="right" />
      <ActionIcon control={controls.eraser} pressed={tool === "eraser"} side="right" />
      <ActionIcon control={controls.absent} side="right" />
      <hr />
      <ActionIcon control={controls.undo} side="right" />
      <ActionIcon control={controls.redo} side="right" />
      <hr />
      <ActionIcon control={controls.hide} pressed={hidden} side="right" />
      <ActionIcon control={controls["zoom-in"]} side="right" />
      <ActionIcon control={controls["zoom-out"]} side="right" />
      <ActionIcon control={controls.fit} side="right" />
      <span className={styles.grow} />
      <ActionIcon control={controls.discard} side="right" />
    </div>
  );
}
