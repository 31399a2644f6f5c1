import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { newIdempotencyKey } from "@/api/client";
import { acceptInvitation, declineInvitation, listOwnInvitations } from "@/api/invitations";
import { keys } from "@/api/keys";
import type { OwnInvitation } from "@/api/models";
import { formatAgo, formatMoment } from "@/lib/format";
import { Button, ErrorNote } from "@/ui";

import styles from "./Invited.module.css";

/** The projects that a person is asked into. Nothing is shown while there are none. */
export function Invited() {
  const {
    data: invitations,
    error,
    refetch,
  } = useQuery({ queryKey: keys.invitations, queryFn: listOwnInvitations });
  if (error)
    return (
      <ErrorNote title="Your invitations could not be loaded" error={error}>
        <Button small onClick={() => void refetch()}>
          Try again
        </Button>
      </ErrorNote>
    );
  if (!invitations?.length) return null;
  return (
    <ul className={styles.list} aria-label="Invitations">
      {invitations.map((invitation) => (
        <Question key={invitation.id} invitation={invitation} />
      ))}
    </ul>
  );
}

const ARTICLES: Record<OwnInvitation["role"], string> = {
  annotator: "an annotator",
  reviewer: "a reviewer",
  owner: "an owner",
};

function Question({
  invitation: { id, project_name, role, invited_by, created_at },
}: {
  invitation: OwnInvitation;
}) {
  const client = useQueryClient();
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: keys.invitations }),
      client.invalidateQueries({ queryKey: keys.projects }),
    ]);
  const accept = useMutation({ mutationFn: (key: string) => acceptInvitation(id, key), onSuccess: refresh });
  const decline = useMutation({
    mutationFn: (key: string) => declineInvitation(id, key),
    onSuccess: refresh,
  });
  const error = accept.error ?? decline.error;
  return (
    <li className={styles.question}>
      <p>
        <strong>{invited_by}</strong> invites you to <strong>{project_name}</strong> as {ARTICLES[role]}.{" "}
        <time className={styles.quiet} dateTime={created_at} title={formatMoment(created_at)}>
          {formatAgo(created_at)}
        </time>
      </p>
      <div className={styles.answers}>
        <Button
          small
          onClick={() => decline.mutate(newIdempotencyKey())}
          busy={decline.isPending && "Declining"}
          aria-label={`Decline the invitation to ${project_name}`}
        >
          Decline
        </Button>
        <Button
          small
          variant="primary"
          onClick={() => accept.mutate(newIdempotencyKey())}
          busy={accept.isPending && "Accepting"}
          aria-label={`Accept the invitation to ${project_name}`}
        >
          Accept
        </Button>
      </div>
      {error && <ErrorNote error={error} />}
    </li>
  );
}
