import { useEffect, useEffectEvent, useState } from "react";

/**
 * Something that must be closed again, such as a worker: made after the first paint, closed when the
 * component goes. Null until it is there.
 */
export function useResource<T>(create: () => T, close: (resource: T) => void): T | null {
  const [resource, setResource] = useState<T | null>(null);
  const open = useEffectEvent(create);
  const end = useEffectEvent(close);
  useEffect(() => {
    const made = open();
    // Making it while rendering would leave one open for every render that React throws away.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setResource(made);
    return () => end(made);
  }, []);
  return resource;
}
