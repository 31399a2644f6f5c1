import { useState } from "react";
import { useParams } from "react-router";

import type { Id } from "@/api/models";
import { useOpening } from "@/desk/useOpening";
import { PageBar, Working } from "@/ui";

import { NotToReview } from "../NotToReview";
import type { Undoable } from "../undoable";
import { idsIn, openTogether } from "./openTogether";
import { TogetherDesk } from "./TogetherDesk";

/** Several masklets of one video, verified in one go. */
export function TogetherPage() {
  const { reviewIds = "" } = useParams();
  // Outlives the masklets on show, so that the last verdict can be taken back from the next video.
  const [undoable, setUndoable] = useState<Undoable | null>(null);
  return <Opening key={reviewIds} ids={idsIn(reviewIds)} undoable={undoable} onUndoable={setUndoable} />;
}

interface OpeningProps {
  ids: readonly Id[];
  undoable: Undoable | null;
  onUndoable: (undoable: Undoable | null) => void;
}

function Opening({ ids, ...rest }: OpeningProps) {
  const { data, refused, visit, retry, takeOver } = useOpening(["together", ...ids], (takeover) =>
    openTogether(ids, takeover),
  );
  if (data) return <TogetherDesk key={visit} opened={data} {...rest} />;
  return (
    <>
      <PageBar trail={[{ label: "Projects", to: "/" }, { label: "Review" }]} />
      {refused ? (
        <NotToReview error={refused} onRetry={retry} onTakeOver={takeOver} />
      ) : (
        <Working fill>Opening the masklets</Working>
      )}
    </>
  );
}
