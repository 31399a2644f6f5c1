import { useMutation, useQueryClient } from "@tanstack/react-query";

import { keys } from "@/api/keys";
import type { Id, Token } from "@/api/models";
import { revokeToken } from "@/api/tokens";
import { Button, Dialog, ErrorNote } from "@/ui";
import { useState } from "react";

export function RevokeButton({ project, token }: { project: Id; token: Token }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeToken(project, token.id),
    onSuccess: () => setAsking(false),
    // It may be gone already: then the list says so.
    onSettled: () => client.invalidateQueries({ queryKey: keys.tokens(project) }),
  });
  return (
    <>
      <Button small onClick={() => setAsking(true)} aria-label={`Revoke ${token.name}`}>
        Revoke
      </Button>
      {asking && (
        <Dialog
          title={`Revoke ${token.name}?`}
          onClose={() => setAsking(false)}
          footer={
            <>
              <Button onClick={() => setAsking(false)}>Cancel</Button>
              <Button variant="danger" onClick={() => revoke.mutate()} busy={revoke.isPending && "Revoking"}>
                Revoke
              </Button>
            </>
          }
        >
          <p>Whatever still uses it is turned away at its next request. This cannot be taken back.</p>
          {revoke.error && <ErrorNote error={revoke.error} />}
        </Dialog>
      )}
    </>
  );
}
