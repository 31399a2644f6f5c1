import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Id } from "@/api/models";
import { useIdParam } from "@/lib/useIdParam";
import { PageBar, Working } from "@/ui";

import type { Given } from "./given";
import { openReview } from "./openReview";
import { Refused } from "./Refused";
import { ReviewDesk } from "./ReviewDesk";

export function VerifyPage() {
  const id = useIdParam("maskletId");
  // Outlives the masklet it was given on: the next page offers to take it back.
  const [given, setGiven] = useState<Given | null>(null);
  return <Opening key={id} id={id} given={given} onGiven={setGiven} />;
}

interface OpeningProps {
  id: Id;
  given: Given | null;
  onGiven: (given: Given | null) => void;
}

/** Takes the masklet into this tab for a verdict, or says calmly why it cannot. */
function Opening({ id, given, onGiven }: OpeningProps) {
  // One claim for each time that the page is opened, however often React renders it.
  const [visit, setVisit] = useState(() => crypto.randomUUID());
  const [takeover, setTakeover] = useState(false);
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ["review", id, visit, takeover],
    queryFn: () => openReview(id, takeover),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (data)
    return (
      <ReviewDesk
        key={visit}
        {...data}
        given={given}
        onGiven={onGiven}
        onReopen={() => setVisit(crypto.randomUUID())}
      />
    );
  return (
    <>
      <PageBar trail={[{ label: "Projects", to: "/" }, { label: "Review" }]} />
      {error && !isFetching ? (
        <Refused
          masklet={id}
          error={error}
          onRetry={() => void refetch()}
          onTakeOver={() => setTakeover(true)}
        />
      ) : (
        <Working fill>Claiming the masklet for review</Working>
      )}
    </>
  );
}
