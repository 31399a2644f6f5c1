import { useState } from "react";

import type { Id } from "@/api/models";
import { useOpening } from "@/desk/useOpening";
import { useIdParam } from "@/lib/useIdParam";
import { PageBar, Working } from "@/ui";

import { NotToReview } from "./NotToReview";
import { openReview } from "./openReview";
import { ReviewDesk } from "./ReviewDesk";
import type { Undoable } from "./undoable";

export function VerifyPage() {
  const id = useIdParam("maskletId");
  // Outlives the masklet it was given on: the next page offers to take it back.
  const [undoable, setUndoable] = useState<Undoable | null>(null);
  return <Opening key={id} id={id} undoable={undoable} onUndoable={setUndoable} />;
}

interface OpeningProps {
  id: Id;
  undoable: Undoable | null;
  onUndoable: (undoable: Undoable | null) => void;
}

/** Takes the masklet into this tab for a verdict, or says calmly why it cannot. */
function Opening({ id, undoable, onUndoable }: OpeningProps) {
  const opening = useOpening(["review", id], (takeover) => openReview(id, takeover));
  const { data, refused, visit, retry, takeOver, reopen } = opening;
  if (data)
    return <ReviewDesk key={visit} {...data} undoable={undoable} onUndoable={onUndoable} onReopen={reopen} />;
  return (
    <>
      <PageBar trail={[{ label: "Projects", to: "/" }, { label: "Review" }]} />
      {refused ? (
        <NotToReview masklet={id} error={refused} onRetry={retry} onTakeOver={takeOver} />
      ) : (
        <Working fill>Claiming the masklet for review</Working>
      )}
    </>
  );
}
