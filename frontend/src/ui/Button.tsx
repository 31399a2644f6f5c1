import type { LucideIcon } from "lucide-react";
import type { ButtonHTMLAttributes, Ref } from "react";
import { Link, type LinkProps } from "react-router";

import styles from "./Button.module.css";
import { Key } from "./Key";
import { Tooltip } from "./Tooltip";

export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger";

interface Look {
  /** At most one primary button is in view. */
  variant?: ButtonVariant;
  icon?: LucideIcon;
  /** Tools use the small size. */
  small?: boolean;
  /** Shown on the button, e.g. "Enter". */
  shortcut?: string;
}

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled">, Look {
  /** Why the button cannot be used now. It stays focusable and tells the reason. */
  disabledReason?: string | undefined;
  /** What is being done, in words; replaces the text and refuses clicks. */
  busy?: string | false | undefined;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({
  variant = "secondary",
  icon: Icon,
  small,
  shortcut,
  disabledReason,
  busy,
  children,
  onClick,
  className,
  type = "button",
  ...rest
}: ButtonProps) {
  const refuses = disabledReason !== undefined || Boolean(busy);
  const button = (
    <button
      {...rest}
      type={refuses && type === "submit" ? "button" : type}
      className={look({ variant, small }, className)}
      aria-disabled={refuses || undefined}
      aria-busy={busy ? true : undefined}
      onClick={refuses ? undefined : onClick}
    >
      {busy ? <span className={styles.spinner} aria-hidden /> : Icon && <Icon size={16} aria-hidden />}
      {busy || children}
      {shortcut && !busy && <Key name={shortcut} />}
    </button>
  );
  // Always inside a tooltip, so that a button which learns a reason stays the same element and keeps the
  // focus.
  return <Tooltip text={disabledReason}>{button}</Tooltip>;
}

/** A link that looks like a button: for going somewhere. */
export function ButtonLink({
  variant = "secondary",
  icon: Icon,
  small,
  shortcut,
  children,
  className,
  ...rest
}: LinkProps & Look) {
  return (
    <Link {...rest} className={look({ variant, small }, className)}>
      {Icon && <Icon size={16} aria-hidden />}
      {children}
      {shortcut && <Key name={shortcut} />}
    </Link>
  );
}

const look = ({ variant = "secondary", small }: Look, extra?: string) =>
  [styles.button, styles[variant], small && styles.small, extra].filter(Boolean).join(" ");
