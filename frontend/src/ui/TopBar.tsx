import { createContext, useContext, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { Link } from "react-router";

import { Working } from "./Notes";
import styles from "./TopBar.module.css";

interface Places {
  page: HTMLElement | null;
  aside: HTMLElement | null;
}

const PlacesContext = createContext<Places>({ page: null, aside: null });

export interface TopBarProps {
  /** What stands at the right of every page. */
  end: ReactNode;
  /** What is being opened, in words, while the page below is the one before. */
  busy?: string | undefined;
  /** The page below, which fills the bar by `PageBar`. */
  children: ReactNode;
}

/** The bar on top of every page. */
export function TopBar({ end, busy, children }: TopBarProps) {
  const [page, setPage] = useState<HTMLElement | null>(null);
  const [aside, setAside] = useState<HTMLElement | null>(null);
  return (
    <PlacesContext value={{ page, aside }}>
      <header className={styles.bar}>
        <Link to="/" className={styles.home} aria-label="Maskloop, all projects">
          <Mark />
        </Link>
        <div className={styles.page} ref={setPage} />
        {busy && <Working>{busy}</Working>}
        <div className={styles.aside} ref={setAside} />
        <div className={styles.end}>{end}</div>
      </header>
      <main className={styles.main}>{children}</main>
    </PlacesContext>
  );
}

export interface Crumb {
  label: ReactNode;
  to?: string;
}

/**
 * What a page puts into the top bar: where we are (`trail`), the facts beside it (`children`, e.g. object 3
 * of 5, phase, saved), and what stands at the right (`aside`).
 */
export function PageBar({
  trail,
  aside,
  children,
}: {
  trail: readonly Crumb[];
  aside?: ReactNode;
  children?: ReactNode;
}) {
  const places = useContext(PlacesContext);
  return (
    <>
      {places.page &&
        createPortal(
          <>
            <nav aria-label="Breadcrumb">
              <ol className={styles.trail}>
                {trail.map(({ label, to }, index) => (
                  <li key={index} aria-current={index === trail.length - 1 ? "page" : undefined}>
                    {to ? <Link to={to}>{label}</Link> : <span>{label}</span>}
                  </li>
                ))}
              </ol>
            </nav>
            {children && <div className={styles.facts}>{children}</div>}
          </>,
          places.page,
        )}
      {places.aside && aside && createPortal(aside, places.aside)}
    </>
  );
}

function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden>
      <path
        d="M11 2.5c5 0 8.5 3.4 8.5 8.2 0 5-3.8 8.8-8.6 8.8-4.9 0-8.4-3.5-8.4-8.4C2.5 6 6.3 2.5 11 2.5Z"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="2"
        strokeDasharray="3.6 2.7"
        strokeLinecap="round"
      />
      <circle cx="11" cy="11" r="3.6" fill="var(--accent)" />
    </svg>
  );
}
