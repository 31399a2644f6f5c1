import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { keys } from "@/api/keys";
import { reopenMasklet } from "@/api/masklets";
import type { Masklet } from "@/api/models";
import { Button, Dialog, ErrorNote, TextArea } from "@/ui";

export function ReopenDialog({ masklet, onClose }: { masklet: Masklet; onClose: () => void }) {
  const form = useId();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const reopen = useMutation({
    mutationFn: () => reopenMasklet(masklet.id, reason.trim()),
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
      title={`Reopen object ${masklet.object_id}`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={form} busy={reopen.isPending && "Reopening"}>
            Reopen
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <TextArea
          label="What did you see?"
          hint="It goes back to the reviewers with these words. Releases that are frozen keep it as it was."
          required
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {reopen.error && <ErrorNote error={reopen.error} />}
      </form>
    </Dialog>
  );
}
