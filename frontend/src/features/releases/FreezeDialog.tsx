import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Snowflake } from "lucide-react";

import { keys } from "@/api/keys";
import type { Release } from "@/api/models";
import { freezeRelease } from "@/api/releases";
import { Button, Dialog, ErrorNote } from "@/ui";

/** Freezing is one of the few things that cannot be undone, so it asks. */
export function FreezeDialog({ release, onClose }: { release: Release; onClose: () => void }) {
  const client = useQueryClient();
  const freeze = useMutation({
    mutationFn: () => freezeRelease(release.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keys.releases });
      onClose();
    },
  });
  return (
    <Dialog
      title={`Freeze ${release.name}?`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            icon={Snowflake}
            onClick={() => freeze.mutate()}
            busy={freeze.isPending && "Freezing"}
          >
            Freeze
          </Button>
        </>
      }
    >
      <p>
        Every masklet that is accepted now is pinned at its revision. This cannot be undone: what is accepted
        later goes into another release.
      </p>
      {freeze.error && <ErrorNote error={freeze.error} />}
    </Dialog>
  );
}
