import { Crosshair, Eye, Layers, Maximize, SquareDashed, ZoomIn, ZoomOut } from "lucide-react";

import { always, locked, type Spec } from "./spec";

export const pointTool: Spec = {
  name: "point",
  label: "Click: left adds, right removes",
  hotkeys: ["A"],
  group: "Tools",
  icon: Crosshair,
  enabled: (desk) => locked(desk) ?? true,
  perform: (hands) => hands.setTool("point"),
};

export const boxTool: Spec = {
  name: "box",
  label: "Box: drag around the object",
  hotkeys: ["B"],
  group: "Tools",
  icon: SquareDashed,
  enabled: (desk) => locked(desk) ?? true,
  perform: (hands, { tool }) => hands.setTool(tool === "box" ? "point" : "box"),
};

export const hideMasks: Spec = {
  name: "hide",
  label: "Hide or show masks",
  hotkeys: ["H"],
  group: "View",
  icon: Eye,
  enabled: always,
  perform: (hands, { hidden }) => hands.setHidden(!hidden),
};

export const showOthers: Spec = {
  name: "others",
  label: "Outlines of the other objects",
  hotkeys: ["O"],
  group: "View",
  icon: Layers,
  enabled: always,
  perform: (hands, { others }) => hands.setOthers(!others),
};

export const zoomIn: Spec = {
  name: "zoom-in",
  label: "Zoom in",
  hotkeys: ["+", "="],
  group: "View",
  icon: ZoomIn,
  repeats: true,
  enabled: always,
  perform: (hands) => hands.zoomBy(1.25),
};

export const zoomOut: Spec = {
  name: "zoom-out",
  label: "Zoom out",
  hotkeys: ["-"],
  group: "View",
  icon: ZoomOut,
  repeats: true,
  enabled: always,
  perform: (hands) => hands.zoomBy(0.8),
};

export const fitPicture: Spec = {
  name: "fit",
  label: "Fit the picture",
  hotkeys: ["0"],
  group: "View",
  icon: Maximize,
  enabled: always,
  perform: (hands) => hands.fit(),
};
