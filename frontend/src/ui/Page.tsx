import type { ReactNode } from "react";

import styles from "./Page.module.css";

/** The body of a page of lists and facts (the tools fill the whole window instead). */
export function Page({ children, narrow }: { children: ReactNode; narrow?: boolean }) {
  return <div className={narrow ? `${styles.page} ${styles.narrow}` : styles.page}>{children}</div>;
}

/** A heading with what can be done about it at the right. */
export function Section({
  title,
  level = 2,
  actions,
  children,
}: {
  title: ReactNode;
  level?: 1 | 2;
  actions?: ReactNode;
  children?: ReactNode;
}) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <section className={styles.section}>
      <header className={styles.header}>
        <Heading className={level === 1 ? styles.title : styles.heading}>{title}</Heading>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
