import type { Id } from "@/api/models";
import { useOpening } from "@/desk/useOpening";
import { useIdParam } from "@/lib/useIdParam";
import { PageBar, Working } from "@/ui";

import { DeskPage } from "./DeskPage";
import { openMasklet } from "./openMasklet";
import { NotToAnnotate } from "./NotToAnnotate";

export function AnnotatePage() {
  const id = useIdParam("maskletId");
  return <Opening key={id} id={id} />;
}

/** Takes the masklet into this tab, or says calmly why it cannot. */
function Opening({ id }: { id: Id }) {
  const { data, refused, retry, takeOver } = useOpening(["annotate", id], (takeover) =>
    openMasklet(id, takeover),
  );
  if (data) return <DeskPage {...data} />;
  return (
    <>
      <PageBar trail={[{ label: "Projects", to: "/" }, { label: "Annotate" }]} />
      {refused ? (
        <NotToAnnotate masklet={id} error={refused} onRetry={retry} onTakeOver={takeOver} />
      ) : (
        <Working fill>Claiming the masklet</Working>
      )}
    </>
  );
}
