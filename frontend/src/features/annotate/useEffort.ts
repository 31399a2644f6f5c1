import { useEffect, useEffectEvent, useRef, type RefObject } from "react";

import { reportEffort } from "@/api/effort";
import type { Assignment } from "@/api/models";

import { EffortMeter, type Seen } from "./effortMeter";
import { EffortReport } from "./effortReport";

/** The meter of this assignment, told what is before the person whenever that changes. */
export function useEffort(assignment: Assignment, seen: Seen): RefObject<EffortMeter | null> {
  const meter = useRef<EffortMeter | null>(null);
  const { id, token } = assignment;
  const begin = useEffectEvent(
    () => new EffortMeter(new EffortReport({ assignment, send: reportEffort }), seen),
  );
  useEffect(() => {
    const made = begin();
    meter.current = made;
    return () => made.close();
  }, [id, token]);

  const { frame, tool, playing, busy, held } = seen;
  useEffect(
    () => meter.current?.see({ frame, tool, playing, busy, held }),
    [frame, tool, playing, busy, held],
  );
  return meter;
}
