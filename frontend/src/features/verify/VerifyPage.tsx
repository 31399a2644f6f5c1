import { useEffect, useState } from "react";

import type { Id } from "@/api/models";
import { useOpening } from "@/desk/useOpening";
import { useIdParam } from "@/lib/useIdParam";
import { PageBar, Working } from "@/ui";

import { NextReview, type Prepared } from "./nextReview";
import { NotToReview } from "./NotToReview";
import { openReview } from "./openReview";
import { ReviewDesk } from "./ReviewDesk";
import type { Undoable } from "./undoable";

export function VerifyPage() {
  const id = useIdParam("reviewId");
  // Both outlive the masklet on show: the next page offers to take the verdict back, and was loaded before.
  const [undoable, setUndoable] = useState<Undoable | null>(null);
  const [prepared, setPrepared] = useState<Prepared | null>(null);
  const [next] = useState(() => new NextReview());
  useEffect(() => () => next.drop(), [next]);
  const own = prepared?.review.id === id ? prepared : null;
  const props = { id, next, undoable, onUndoable: setUndoable, onPrepared: setPrepared };
  return own ? (
    <ReviewDesk key={id} {...props} {...own} onReopen={() => setPrepared(null)} />
  ) : (
    <Opening key={id} {...props} />
  );
}

interface OpeningProps {
  id: Id;
  next: NextReview;
  undoable: Undoable | null;
  onUndoable: (undoable: Undoable | null) => void;
  onPrepared: (prepared: Prepared | null) => void;
}

/** Takes the review into this tab, or says calmly why it cannot. */
function Opening({ id, ...rest }: OpeningProps) {
  const opening = useOpening(["review", id], (takeover) => openReview(id, takeover));
  const { data, refused, visit, retry, takeOver, reopen } = opening;
  if (data) return <ReviewDesk key={visit} {...data} footage={null} onReopen={reopen} {...rest} />;
  return (
    <>
      <PageBar trail={[{ label: "Projects", to: "/" }, { label: "Review" }]} />
      {refused ? (
        <NotToReview error={refused} onRetry={retry} onTakeOver={takeOver} />
      ) : (
        <Working fill>Opening the review</Working>
      )}
    </>
  );
}
