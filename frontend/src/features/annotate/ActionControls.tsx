import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import { Button, IconButton, type ButtonProps } from "@/ui";

import type { Control } from "./actions/spec";

/** Keeps the focus where it is, so that the next key belongs to the page and not to the button. */
const keepFocus = { onMouseDown: (event: { preventDefault: () => void }) => event.preventDefault() };

export function ActionIcon({
  control: { spec, action },
  pressed,
  side,
}: {
  control: Control;
  pressed?: boolean;
  side?: "top" | "right" | "bottom" | "left";
}) {
  if (!spec.icon) return null;
  return (
    <IconButton
      {...keepFocus}
      icon={spec.icon}
      label={action.label}
      shortcut={action.keys[0]}
      disabledReason={action.disabled}
      {...(pressed !== undefined && { pressed })}
      {...(side && { side })}
      onClick={() => action.perform()}
    />
  );
}

export interface ActionButtonProps extends Pick<ButtonProps, "variant" | "small" | "busy"> {
  control: Control;
  /** Instead of the action's own. */
  icon?: LucideIcon;
  /** A shorter name than the action's own. */
  children?: ReactNode;
  withKey?: boolean;
}

export function ActionButton({
  control: { spec, action },
  icon = spec.icon,
  children,
  withKey,
  ...look
}: ActionButtonProps) {
  const key = action.keys[0];
  return (
    <Button
      {...keepFocus}
      {...look}
      {...(icon && { icon })}
      {...(withKey && key && { shortcut: key })}
      disabledReason={action.disabled}
      onClick={() => action.perform()}
    >
      {children ?? action.label}
    </Button>
  );
}
