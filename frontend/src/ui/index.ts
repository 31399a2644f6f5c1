export { ActionsProvider, useActions, useRegisteredActions } from "./actions";
export { Button, ButtonLink, type ButtonProps } from "./Button";
export { Chip, type Tone } from "./Chip";
export { Dialog } from "./Dialog";
export { SelectField, TextArea, TextField } from "./Field";
export { IconButton, type IconButtonProps } from "./IconButton";
export { Key } from "./Key";
export { KeyHelp } from "./KeyHelp";
export { EmptyState, ErrorNote, Working } from "./Notes";
export { Fetched } from "./Fetched";
export { Progress } from "./Progress";
export {
  CheckpointChip,
  MASKLET_WORDS,
  MaskletChip,
  ReleaseChip,
  RunChip,
  VIDEO_WORDS,
  VideoChip,
} from "./StatusChip";
export { Table, type Column } from "./Table";
export { Thumbnail } from "./Thumbnail";
export { PageBar, TopBar, type Crumb } from "./TopBar";
export { Tooltip } from "./Tooltip";
export { Page, Section } from "./Page";
export { FilterChips } from "./FilterChips";
export { SearchField } from "./SearchField";
export { Segments } from "./Segments";
export { Figures, type Figure } from "./Figures";
export { EffortTable } from "./EffortTable";
export { NOTHING, clicks, frameTime, share } from "./effortWords";
export { BarPlot, type Bar } from "./BarPlot";
export { LinePlot } from "./LinePlot";
export { smooth, type Point, type Series } from "./plot";
export { RunProgress } from "./RunProgress";
export { RestoreButton } from "./RestoreButton";
