import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogOut } from "lucide-react";

import { keys } from "@/api/keys";
import { countOtherSessions, endOtherSessions } from "@/api/session";
import { plural } from "@/lib/format";
import { Button, Dialog, ErrorNote, Working } from "@/ui";

/** Where one is signed in, and the end of all of it but here. */
export function SessionsDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const { data: others, error } = useQuery({
    queryKey: keys.otherSessions,
    queryFn: countOtherSessions,
    staleTime: 0,
  });
  const end = useMutation({
    mutationFn: endOtherSessions,
    onSuccess: () => client.invalidateQueries({ queryKey: keys.otherSessions }),
  });
  return (
    <Dialog
      title="Where you are signed in"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            variant="primary"
            icon={LogOut}
            onClick={() => end.mutate()}
            busy={end.isPending && "Signing out"}
            disabledReason={others ? undefined : "You are signed in nowhere else"}
          >
            Sign out everywhere else
          </Button>
        </>
      }
    >
      {others === undefined && !error && <Working>Counting</Working>}
      {others !== undefined && (
        <p role="status">
          {others === 0
            ? "You are signed in here and nowhere else."
            : `You are signed in here and in ${plural(others, "other browser")}.`}
        </p>
      )}
      <p>A session you do not know? End the others and change your password.</p>
      {(error ?? end.error) && <ErrorNote error={error ?? end.error} />}
    </Dialog>
  );
}
