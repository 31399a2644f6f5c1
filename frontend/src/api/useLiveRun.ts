import { useState } from "react";

import type { Run } from "./models";
import { isLive } from "./runs";
import { useRunEvents } from "./useRunEvents";

/**
 * A run with its progress and status as the events tell them, ahead of the next fetch.
 * @param follow whether to open a stream; a browser has only a few to give, so lists follow their first rows.
 */
export function useLiveRun<T extends Run | null>(run: T, onEnd: (run: Run) => void, follow = true): T {
  const [news, setNews] = useState<{ of: number; change: Partial<Run> }>({ of: 0, change: {} });
  const live = follow && run !== null && isLive(run.status);
  useRunEvents(live ? run.id : null, (event) => {
    if (run === null || event.kind === "mask") return;
    const before = news.of === run.id ? news.change : {};
    const change: Partial<Run> =
      event.kind === "progress"
        ? { ...before, status: "running", progress: event.data }
        : { ...before, status: event.data.status, error: event.data.error, result: event.data.result };
    setNews({ of: run.id, change });
    if (event.kind === "status" && !isLive(event.data.status)) onEnd({ ...run, ...change });
  });
  if (run === null || news.of !== run.id || !isLive(run.status)) return run;
  return { ...run, ...news.change };
}
