import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { promoteCheckpoint } from "@/api/checkpoints";
import { keys } from "@/api/keys";
import type { Checkpoint } from "@/api/models";
import { Button, Dialog, ErrorNote, TextField } from "@/ui";

/** What all later masks are made with changes for everybody, so it says what changes. */
export function PromoteDialog({
  checkpoint,
  active,
  onClose,
}: {
  checkpoint: Checkpoint;
  active: Checkpoint | undefined;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const comesBack = checkpoint.status === "retired" && checkpoint.kept_out === "";
  // Where nothing is held out a person vouches for it; else the gate alone lets it pass.
  const vouching = checkpoint.kept_out.startsWith("Nothing is held out");
  const keptOut = !vouching && checkpoint.kept_out !== "";
  const promote = useMutation({
    mutationFn: () => promoteCheckpoint(checkpoint.id, reason),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.checkpoints });
      onClose();
    },
    // Somebody else was quicker: show what holds now.
    onError: () => void client.invalidateQueries({ queryKey: keys.checkpoints }),
  });
  return (
    <Dialog
      title={`Promote ${checkpoint.name}?`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabledReason={
              keptOut
                ? "The gate keeps it out."
                : vouching && reason.trim() === ""
                  ? "Say why it is promoted all the same."
                  : undefined
            }
            onClick={() => promote.mutate()}
            busy={promote.isPending && "Promoting"}
          >
            Promote
          </Button>
        </>
      }
    >
      <p>
        Every click and propagation in this project that begins from now on uses{" "}
        <strong>{checkpoint.name}</strong>
        {active && (
          <>
            {" "}
            instead of <strong>{active.name}</strong>, which retires
          </>
        )}
        . Masks that exist stay as they are.
      </p>
      {keptOut && <p>The gate keeps it out. {checkpoint.kept_out}</p>}
      {comesBack && <p>It was champion before, so it may come back without being judged again.</p>}
      {vouching && (
        <>
          <p>
            Too little is verified to hold anything out, so nobody can tell whether it is better. It is
            promoted on your word.
          </p>
          <TextField
            label="Why it is promoted all the same"
            required
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </>
      )}
      {active && <p>Promote {active.name} again to take this back.</p>}
      {promote.error && <ErrorNote error={promote.error} />}
    </Dialog>
  );
}
