import type { LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes, Ref } from "react";

import styles from "./IconButton.module.css";
import { Tooltip, type TooltipProps } from "./Tooltip";

export interface IconButtonProps extends Omit<
  ButtonHTMLAttributes<HTMLButtonElement>,
  "disabled" | "children"
> {
  icon: LucideIcon;
  /** Its name: read aloud, and shown in the tooltip. */
  label: string;
  /** Its key, shown in the tooltip. */
  shortcut?: string | undefined;
  /** Drawn as chosen; for tools and toggles. */
  pressed?: boolean;
  disabledReason?: string | undefined;
  /** Pixels of the icon. */
  size?: number;
  side?: TooltipProps["side"];
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({
  icon: Icon,
  label,
  shortcut,
  pressed,
  disabledReason,
  size = 18,
  side,
  onClick,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={disabledReason ?? label} shortcut={disabledReason ? undefined : shortcut} side={side}>
      <button
        type="button"
        {...rest}
        className={className ? `${styles.button} ${className}` : styles.button}
        aria-label={label}
        aria-pressed={pressed}
        aria-disabled={disabledReason !== undefined || undefined}
        onClick={disabledReason === undefined ? onClick : undefined}
      >
        <Icon size={size} aria-hidden />
      </button>
    </Tooltip>
  );
}
