import { useState } from "react";

import { Button, Dialog, TextArea } from "@/ui";

/** Asks why: the reviewer who decides about it reads that. */
export function DiscardDialog({
  onClose,
  onDiscard,
}: {
  onClose: () => void;
  onDiscard: (reason: string) => void;
}) {
  const [reason, setReason] = useState("");
  return (
    <Dialog
      title="Discard this masklet?"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button
            variant="danger"
            disabledReason={reason.trim() ? undefined : "Say why first."}
            onClick={() => onDiscard(reason.trim())}
          >
            Discard
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          Discard what is no well-defined object. A reviewer decides whether it is rejected. To let another
          person try, hand it back instead.
        </p>
        <TextArea label="Why" value={reason} onChange={(event) => setReason(event.target.value)} />
      </div>
    </Dialog>
  );
}
