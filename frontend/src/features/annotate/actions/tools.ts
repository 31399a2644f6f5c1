import {
  Brush,
  CircleDashed,
  Crosshair,
  Eraser,
  Eye,
  Layers,
  Maximize,
  SquareDashed,
  ZoomIn,
  ZoomOut,
} from "lucide-react";

import { locked, type Desk } from "../desk";
import { absence, isMarkedAbsent, refusalOf } from "../prompting";
import { always, type Spec } from "./spec";

export const pointTool: Spec = {
  name: "point",
  label: "Click: left adds, right removes",
  hotkeys: ["A"],
  group: "Tools",
  icon: Crosshair,
  enabled: (desk) => locked(desk) ?? true,
  perform: (commands) => commands.setTool("point"),
};

export const boxTool: Spec = {
  name: "box",
  label: "Box: drag around the object",
  hotkeys: ["B"],
  group: "Tools",
  icon: SquareDashed,
  enabled: (desk) => locked(desk) ?? true,
  perform: (commands, { tool }) => commands.setTool(tool === "box" ? "point" : "box"),
};

export const brushTool: Spec = {
  name: "brush",
  label: "Brush: left paints, right erases",
  hotkeys: ["P"],
  group: "Tools",
  icon: Brush,
  enabled: (desk) => locked(desk) ?? true,
  perform: (commands, { tool }) => {
    commands.setHidden(false);
    commands.setTool(tool === "brush" ? "point" : "brush");
  },
};

export const eraserTool: Spec = {
  name: "eraser",
  label: "Eraser: hold the key, or press it to switch",
  hotkeys: ["X"],
  group: "Tools",
  icon: Eraser,
  enabled: (desk) => locked(desk) ?? true,
  perform: (commands, { tool }, event) => {
    commands.setHidden(false);
    if (event) commands.eraser(true);
    else commands.setTool(tool === "eraser" ? "brush" : "eraser");
  },
  release: (commands) => commands.eraser(false),
};

const painting = ({ tool }: Desk) => tool === "brush" || tool === "eraser" || "Take the brush first (P).";

export const smallerBrush: Spec = {
  name: "smaller-brush",
  label: "Smaller brush",
  hotkeys: ["["],
  group: "Tools",
  repeats: true,
  enabled: painting,
  perform: (commands) => commands.growBrush(1 / 1.2),
};

export const largerBrush: Spec = {
  name: "larger-brush",
  label: "Larger brush",
  hotkeys: ["]"],
  group: "Tools",
  repeats: true,
  enabled: painting,
  perform: (commands) => commands.growBrush(1.2),
};

export const absentHere: Spec = {
  name: "absent",
  label: "The object is absent on this frame",
  hotkeys: ["O"],
  group: "Tools",
  icon: CircleDashed,
  enabled: (desk) => {
    const no = refusalOf(absence(desk), desk);
    return no ?? (!isMarkedAbsent(desk) || "The object is marked absent here already.");
  },
  perform: (commands) => commands.markAbsent(),
};

export const hideMasks: Spec = {
  name: "hide",
  label: "Hide or show masks",
  hotkeys: ["H"],
  group: "View",
  icon: Eye,
  enabled: always,
  perform: (commands, { hidden }) => commands.setHidden(!hidden),
};

export const showOthers: Spec = {
  name: "others",
  label: "Outlines of the other objects",
  hotkeys: ["Shift+H"],
  group: "View",
  icon: Layers,
  enabled: ({ work }) => !work.masklet.trial || "In an experiment the masks of other objects are not shown.",
  perform: (commands, { others }) => commands.setOthers(!others),
};

export const zoomIn: Spec = {
  name: "zoom-in",
  label: "Zoom in",
  hotkeys: ["+", "="],
  group: "View",
  icon: ZoomIn,
  repeats: true,
  enabled: always,
  perform: (commands) => commands.zoomBy(1.25),
};

export const zoomOut: Spec = {
  name: "zoom-out",
  label: "Zoom out",
  hotkeys: ["-"],
  group: "View",
  icon: ZoomOut,
  repeats: true,
  enabled: always,
  perform: (commands) => commands.zoomBy(0.8),
};

export const fitPicture: Spec = {
  name: "fit",
  label: "Fit the picture",
  hotkeys: ["0"],
  group: "View",
  icon: Maximize,
  enabled: always,
  perform: (commands) => commands.fit(),
};
