import { useEffect, useEffectEvent } from "react";

import { followRun, type Connection, type RunEvent } from "./events";
import type { Id } from "./models";
import { useSession } from "./useSession";

/** Follows `run` while the component is shown; `null` follows nothing. */
export function useRunEvents(
  run: Id | null,
  onEvent: (event: RunEvent) => void,
  onConnection: (connection: Connection) => void = () => undefined,
): void {
  const { streams_origin: origin } = useSession();
  const handleEvent = useEffectEvent(onEvent);
  const handleConnection = useEffectEvent(onConnection);
  useEffect(() => {
    if (run === null) return;
    return followRun(origin, run, {
      onEvent: (event) => handleEvent(event),
      onConnection: (state) => handleConnection(state),
    });
  }, [origin, run]);
}
