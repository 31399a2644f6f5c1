import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { keys } from "@/api/keys";
import { reopenMasklet } from "@/api/masklets";
import type { Masklet } from "@/api/models";
import { bringBack } from "@/api/verification";
import { Button, Dialog, ErrorNote, TextArea } from "@/ui";

/** An accepted masklet goes back to the reviewers, a rejected one to the annotators; with a reason. */
export function ReopenDialog({ masklet, onClose }: { masklet: Masklet; onClose: () => void }) {
  const rejected = masklet.status === "rejected";
  const verb = rejected ? "Bring back" : "Reopen";
  const form = useId();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const reopen = useMutation({
    mutationFn: () => (rejected ? bringBack : reopenMasklet)(masklet.id, reason.trim()),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.masklets });
      void client.invalidateQueries({ queryKey: keys.projects });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reopen.mutate();
  };
  return (
    <Dialog
      title={`${verb} object ${masklet.object_id}`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={form} busy={reopen.isPending && "Saving"}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <TextArea
          label="What did you see?"
          hint={
            rejected
              ? "It goes back to the annotators with these words."
              : "It goes back to the reviewers with these words. Releases that are frozen keep it as it was."
          }
          required
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {reopen.error && <ErrorNote error={reopen.error} />}
      </form>
    </Dialog>
  );
}
