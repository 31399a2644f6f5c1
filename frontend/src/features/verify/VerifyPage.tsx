import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { Id } from "@/api/models";
import { useIdParam } from "@/lib/useIdParam";
import { PageBar, Working } from "@/ui";

import type { Given } from "./given";
import { NextReview, type Prepared } from "./nextReview";
import { openReview } from "./openReview";
import { Refused } from "./Refused";
import { ReviewDesk } from "./ReviewDesk";

export function VerifyPage() {
  const id = useIdParam("reviewId");
  // Both outlive the masklet on show: the next page offers to take the verdict back, and was loaded before.
  const [given, setGiven] = useState<Given | null>(null);
  const [prepared, setPrepared] = useState<Prepared | null>(null);
  const [next] = useState(() => new NextReview());
  useEffect(() => () => next.drop(), [next]);
  const own = prepared?.review.id === id ? prepared : null;
  return <Opening key={id} id={id} prepared={own} next={next} given={given} onGiven={setGiven} onPrepared={setPrepared} />;
}

interface OpeningProps {
  id: Id;
  /** This review, where it was loaded before. */
  prepared: Prepared | null;
  next: NextReview;
  given: Given | null;
  onGiven: (given: Given | null) => void;
  onPrepared: (prepared: Prepared | null) => void;
}

/** Takes the review into this tab, or says calmly why it cannot. */
function Opening({ id, prepared, ...rest }: OpeningProps) {
  // One claim for each time that the page is opened, however often React renders it.
  const [visit, setVisit] = useState(() => crypto.randomUUID());
  const [takeover, setTakeover] = useState(false);
  const [here, setHere] = useState(prepared);
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ["review", id, visit, takeover],
    queryFn: () => openReview(id, takeover),
    enabled: here === null,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const again = () => {
    setHere(null);
    setVisit(crypto.randomUUID());
  };
  const opened = here ?? data;
  if (opened) return <ReviewDesk key={visit} {...opened} footage={here?.footage ?? null} onReopen={again} {...rest} />;
  return (
    <>
      <PageBar trail={[{ label: "Projects", to: "/" }, { label: "Review" }]} />
      {error && !isFetching ? (
        <Refused error={error} onRetry={() => void refetch()} onTakeOver={() => setTakeover(true)} />
      ) : (
        <Working fill>Opening the review</Working>
      )}
    </>
  );
}
