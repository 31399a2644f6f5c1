import { useEffect, useEffectEvent, useState } from "react";

import type { Review } from "@/api/models";
import { heartbeatReview } from "@/api/reviews";
import { keepLease } from "@/lib/keepLease";

/** Keeps the lease until the verdict is given. */
export function useReviewLease(review: Review) {
  const [lost, setLost] = useState(false);
  const [online, setOnline] = useState(true);
  const [over, setOver] = useState(false);
  const beat = useEffectEvent(() => heartbeatReview(review));
  useEffect(() => {
    if (over) return;
    return keepLease({
      seconds: review.lease_seconds,
      beat: () => beat(),
      onLost: () => setLost(true),
      onContact: setOnline,
    });
  }, [review.lease_seconds, over]);
  return { lost, online, lose: () => setLost(true), end: () => setOver(true) };
}
