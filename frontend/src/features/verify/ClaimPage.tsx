import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Navigate } from "react-router";

import { keys } from "@/api/keys";
import { getMasklet } from "@/api/masklets";
import { claimReview } from "@/api/reviews";
import { remember } from "@/lib/holding";
import { useIdParam } from "@/lib/useIdParam";
import { PageBar, Working } from "@/ui";

import { Refused } from "./Refused";

/** Claims one masklet for a verdict and goes to its review, or says calmly why that cannot be. */
export function ClaimPage() {
  const id = useIdParam("maskletId");
  const [visit] = useState(() => crypto.randomUUID());
  const [takeover, setTakeover] = useState(false);
  const { data: masklet } = useQuery({ queryKey: keys.masklet(id), queryFn: () => getMasklet(id), retry: false });
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ["claim", id, visit, takeover],
    queryFn: async () => {
      const review = await claimReview(id, takeover);
      remember("review", review);
      return review;
    },
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (data) return <Navigate to={`/reviews/${data.id}`} replace />;
  return (
    <>
      <PageBar trail={[{ label: "Projects", to: "/" }, { label: "Review" }]} />
      {error && !isFetching ? (
        <Refused project={masklet?.project} error={error} onRetry={() => void refetch()} onTakeOver={() => setTakeover(true)} />
      ) : (
        <Working fill>Claiming the masklet for review</Working>
      )}
    </>
  );
}
