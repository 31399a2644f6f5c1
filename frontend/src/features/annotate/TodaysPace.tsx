import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { ownEffort } from "@/api/effort";
import { keys } from "@/api/keys";
import type { Id } from "@/api/models";

import styles from "./TodaysPace.module.css";

const REFRESH_MS = 60_000;

/** How one works today, quietly; the figures behind it are a click away. */
export function TodaysPace({ project }: { project: Id }) {
  const { data } = useQuery({
    queryKey: [...keys.effort(project), "mine"],
    queryFn: () => ownEffort(project),
    refetchInterval: REFRESH_MS,
    retry: false,
  });
  const seconds = data?.today?.seconds_per_frame;
  if (seconds == null) return null;
  return (
    <Link to={`/projects/${project}/effort`} className={styles.pace}>
      {seconds.toFixed(seconds < 10 ? 1 : 0)} s/frame today
    </Link>
  );
}
