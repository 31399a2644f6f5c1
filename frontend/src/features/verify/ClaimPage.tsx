import { useQuery } from "@tanstack/react-query";
import { Navigate } from "react-router";

import { keys } from "@/api/keys";
import { getMasklet } from "@/api/masklets";
import { claimReview } from "@/api/reviews";
import { useOpening } from "@/desk/useOpening";
import { remember } from "@/lib/holding";
import { useIdParam } from "@/lib/useIdParam";
import { PageBar, Working } from "@/ui";

import { NotToReview } from "./NotToReview";

/** Claims one masklet for a verdict and goes to its review, or says calmly why that cannot be. */
export function ClaimPage() {
  const id = useIdParam("maskletId");
  const { data: masklet } = useQuery({
    queryKey: keys.masklet(id),
    queryFn: () => getMasklet(id),
    retry: false,
  });
  const { data, refused, retry, takeOver } = useOpening(["claim", id], async (takeover) => {
    const review = await claimReview(id, takeover);
    remember("review", review);
    return review;
  });
  if (data) return <Navigate to={`/reviews/${data.id}`} replace />;
  return (
    <>
      <PageBar trail={[{ label: "Projects", to: "/" }, { label: "Review" }]} />
      {refused ? (
        <NotToReview project={masklet?.project} error={refused} onRetry={retry} onTakeOver={takeOver} />
      ) : (
        <Working fill>Claiming the masklet for review</Working>
      )}
    </>
  );
}
