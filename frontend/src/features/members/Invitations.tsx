import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState, type FormEvent } from "react";

import { newIdempotencyKey } from "@/api/client";
import { invite, listInvitations, withdrawInvitation } from "@/api/invitations";
import { keys } from "@/api/keys";
import type { Id, Invitation, Role } from "@/api/models";
import { formatAgo, formatMoment } from "@/lib/format";
import { Button, Chip, ErrorNote, SelectField, Table, TextField, type Column } from "@/ui";

import styles from "./Invitations.module.css";

const ROLES: Record<Role, string> = {
  annotator: "Annotator: selects and tracks objects",
  reviewer: "Reviewer: gives verdicts",
  owner: "Owner: brings videos, invites people, freezes releases",
};

/** Owners ask people in; whoever has not answered yet is listed and can be taken back. */
export function Invitations({ project }: { project: Id }) {
  const {
    data: pending,
    error,
    refetch,
  } = useQuery({ queryKey: keys.pending(project), queryFn: () => listInvitations(project) });
  return (
    <>
      <InviteForm project={project} />
      {error && (
        <ErrorNote title="The invitations could not be loaded" error={error}>
          <Button small onClick={() => void refetch()}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {pending && pending.length > 0 && (
        <div className={styles.pending}>
          <Table
            caption="Invitations without an answer"
            columns={columns(project)}
            rows={pending}
            rowKey={({ id }) => id}
          />
        </div>
      )}
    </>
  );
}

const columns = (project: Id): Column<Invitation>[] => [
  { name: "Invited", header: "Invited, no answer yet", cell: ({ user }) => user },
  { name: "Role", header: "Role", wide: true, cell: ({ role }) => <Chip>{role}</Chip> },
  {
    name: "By",
    header: "By",
    cell: ({ invited_by, created_at }) => (
      <span className={styles.quiet} title={formatMoment(created_at)}>
        {invited_by}, {formatAgo(created_at)}
      </span>
    ),
  },
  { name: "Withdraw", cell: (invitation) => <Withdraw project={project} invitation={invitation} /> },
];

function Withdraw({ project, invitation: { id, user } }: { project: Id; invitation: Invitation }) {
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () => withdrawInvitation(project, id),
    // Somebody may have answered meanwhile: then there is a member, and nothing to take back.
    onSettled: () => client.invalidateQueries({ queryKey: keys.project(project) }),
  });
  return (
    <Button
      small
      onClick={() => withdraw.mutate()}
      busy={withdraw.isPending && "Withdrawing"}
      aria-label={`Withdraw the invitation of ${user}`}
    >
      Withdraw
    </Button>
  );
}

function InviteForm({ project }: { project: Id }) {
  const client = useQueryClient();
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("annotator");
  const ask = useMutation({
    mutationFn: (key: string) => invite(project, username.trim(), role, key),
    onSuccess: () => {
      setUsername("");
      return client.invalidateQueries({ queryKey: keys.pending(project) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate(newIdempotencyKey());
  };
  return (
    <form className={styles.invite} onSubmit={submit}>
      <TextField
        label="User name"
        required
        maxLength={150}
        autoComplete="off"
        autoCapitalize="none"
        value={username}
        onChange={(event) => setUsername(event.target.value)}
      />
      <SelectField label="Role" value={role} onChange={(event) => setRole(event.target.value as Role)}>
        {Object.entries(ROLES).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </SelectField>
      <Button variant="primary" type="submit" icon={UserPlus} busy={ask.isPending && "Inviting"}>
        Invite
      </Button>
      {ask.error && <ErrorNote error={ask.error} />}
    </form>
  );
}
