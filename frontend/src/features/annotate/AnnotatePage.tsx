import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Id } from "@/api/models";
import { useIdParam } from "@/lib/useIdParam";
import { PageBar, Working } from "@/ui";

import { DeskPage } from "./DeskPage";
import { openMasklet } from "./openMasklet";
import { Refused } from "./Refused";

export function AnnotatePage() {
  const id = useIdParam("maskletId");
  return <Opening key={id} id={id} />;
}

/** Takes the masklet into this tab, or says calmly why it cannot. */
function Opening({ id }: { id: Id }) {
  // One claim for each time that the page is opened, however often React renders it.
  const [visit] = useState(() => crypto.randomUUID());
  const [takeover, setTakeover] = useState(false);
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ["annotate", id, visit, takeover],
    queryFn: () => openMasklet(id, takeover),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (data) return <DeskPage {...data} />;
  return (
    <>
      <PageBar trail={[{ label: "Projects", to: "/" }, { label: "Annotate" }]} />
      {error && !isFetching ? (
        <Refused
          masklet={id}
          error={error}
          onRetry={() => void refetch()}
          onTakeOver={() => setTakeover(true)}
        />
      ) : (
        <Working fill>Claiming the masklet</Working>
      )}
    </>
  );
}
