import { CircleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import styles from "./Notes.module.css";

/** What went wrong, as a sentence: what happened, what is safe, what to do. Stays until it is dealt with. */
export function ErrorNote({
  error,
  title,
  children,
}: {
  error?: Error | null | undefined;
  title?: string;
  children?: ReactNode;
}) {
  return (
    <div className={styles.error} role="alert">
      <CircleAlert size={18} aria-hidden className={styles.errorIcon} />
      <div className={styles.errorText}>
        {title && <strong>{title}</strong>}
        {error && <p>{error.message}</p>}
      </div>
      {children && <div className={styles.errorActions}>{children}</div>}
    </div>
  );
}

/** A list with nothing in it yet says what to do first. */
export function EmptyState({
  icon: Icon,
  title,
  children,
  action,
}: {
  icon?: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      {Icon && <Icon size={28} strokeWidth={1.5} aria-hidden />}
      <h2 className={styles.emptyTitle}>{title}</h2>
      {children && <p className={styles.emptyText}>{children}</p>}
      {action}
    </div>
  );
}

/** A spinner never stands alone: `children` say what is being done. */
export function Working({ children, fill }: { children: ReactNode; fill?: boolean }) {
  return (
    <div className={fill ? `${styles.working} ${styles.fill}` : styles.working} role="status">
      <span className={styles.spinner} aria-hidden />
      {children}
    </div>
  );
}
