import { ChevronDown } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { NavLink, useLocation } from "react-router";

import styles from "./ProjectNav.module.css";

interface Place {
  to: string;
  label: string;
  ownersOnly?: boolean;
}

const GROUPS: readonly { name: string; places: readonly Place[] }[] = [
  {
    name: "Work",
    places: [
      { to: ".", label: "Videos" },
      { to: "masklets", label: "Masklets" },
      { to: "candidates", label: "Candidates" },
      { to: "queue", label: "Queue", ownersOnly: true },
    ],
  },
  {
    name: "Measures",
    places: [
      { to: "effort", label: "Effort" },
      { to: "quality", label: "Quality", ownersOnly: true },
      { to: "experiments", label: "Experiments", ownersOnly: true },
    ],
  },
  {
    name: "Data",
    places: [
      { to: "releases", label: "Releases" },
      { to: "imports", label: "Imports", ownersOnly: true },
      { to: "bin", label: "Bin", ownersOnly: true },
    ],
  },
  {
    name: "Model",
    places: [
      { to: "checkpoints", label: "Checkpoints" },
      { to: "preverifier", label: "Pre-verifier", ownersOnly: true },
      { to: "runs", label: "Runs" },
    ],
  },
  {
    name: "Project",
    places: [
      { to: "members", label: "Members" },
      { to: "tokens", label: "Tokens" },
      { to: "audit", label: "Audit", ownersOnly: true },
      { to: "settings", label: "Settings", ownersOnly: true },
    ],
  },
];

/** The pages of a project, grouped by what one comes for; where there is little room, behind one button. */
export function ProjectNav({ isOwner }: { isOwner: boolean }) {
  const id = useId();
  const { pathname } = useLocation();
  // Open on one page, it is closed on the next.
  const [openAt, setOpenAt] = useState<string | null>(null);
  const open = openAt === pathname;
  useEffect(() => {
    if (!open) return;
    const close = ({ key }: KeyboardEvent) => key === "Escape" && setOpenAt(null);
    window.addEventListener("keydown", close);
    return () => window.removeEventListener("keydown", close);
  }, [open]);
  return (
    <nav className={styles.nav} aria-label="Project">
      <button
        type="button"
        className={styles.toggle}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpenAt(open ? null : pathname)}
      >
        {placeOf(pathname)}
        <ChevronDown size={16} aria-hidden />
      </button>
      <div id={id} className={styles.groups} data-open={open || undefined}>
        {GROUPS.map(({ name, places }) => (
          <section key={name} className={styles.group} aria-labelledby={`${id}-${name}`}>
            <h2 id={`${id}-${name}`}>{name}</h2>
            <ul>
              {places
                .filter(({ ownersOnly }) => isOwner || !ownersOnly)
                .map(({ to, label }) => (
                  <li key={to}>
                    <NavLink to={to} end={to === "."}>
                      {label}
                    </NavLink>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </nav>
  );
}

/** What the page at `/projects/4/releases/7` is called: that of its first step. */
function placeOf(pathname: string): string {
  const step = pathname.split("/")[3] || ".";
  const places = GROUPS.flatMap((group) => group.places);
  return places.find(({ to }) => to === step)?.label ?? "Pages of the project";
}
