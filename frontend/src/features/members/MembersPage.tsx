import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState, type FormEvent } from "react";

import { newIdempotencyKey } from "@/api/client";
import { keys } from "@/api/keys";
import type { Id, Member, Project, Role, User } from "@/api/models";
import { addMember, listMembers } from "@/api/projects";
import { Button, Chip, ErrorNote, Section, SelectField, Table, TextField, Working, type Column } from "@/ui";

import styles from "./MembersPage.module.css";
import { RemoveDialog } from "./RemoveDialog";
import { Training } from "./Training";

const ROLES: Record<Role, string> = {
  annotator: "Annotator: selects and tracks objects",
  reviewer: "Reviewer: gives verdicts",
  owner: "Owner: brings videos, invites people, freezes releases",
};

export function MembersPage({ project }: { project: Project }) {
  const { data: members, error, refetch } = useQuery({ queryKey: keys.members(project.id), queryFn: () => listMembers(project.id) });
  const [leaving, setLeaving] = useState<Person>();
  return (
    <Section title="Members" level={1}>
      {project.roles.includes("owner") && <AddMember project={project.id} />}
      {error && (
        <ErrorNote title="The members could not be loaded" error={error}>
          <Button small onClick={() => void refetch()}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {!members && !error && <Working fill>Loading the members</Working>}
      {members && <Table caption="Members" columns={columns(project, setLeaving)} rows={people(members)} rowKey={({ user }) => user.id} />}
      {leaving && <RemoveDialog project={project.id} name={nameOf(leaving.user)} memberships={leaving.memberships} onClose={() => setLeaving(undefined)} />}
    </Section>
  );
}

interface Person {
  user: User;
  roles: Role[];
  memberships: Member[];
  /** The membership as an annotator, which says what the person is trained for. */
  annotator: Member | undefined;
}

const columns = (project: Project, remove: (person: Person) => void): Column<Person>[] => [
  {
    name: "Name",
    header: "Name",
    cell: ({ user }) => <strong>{user.full_name || user.username}</strong>,
  },
  { name: "User name", header: "User name", cell: ({ user }) => user.username },
  {
    name: "Roles",
    header: "Roles",
    wide: true,
    cell: ({ roles }) => (
      <span className={styles.roles}>
        {roles.map((role) => (
          <Chip key={role}>{role}</Chip>
        ))}
      </span>
    ),
  },
  {
    name: "Trained for",
    header: "Trained for phases",
    cell: ({ user, annotator }) =>
      annotator && <Training project={project.id} membership={annotator} name={user.full_name || user.username} mayChange={project.roles.includes("owner")} />,
  },
  {
    name: "Remove",
    cell: (person) =>
      project.roles.includes("owner") && (
        <Button small onClick={() => remove(person)} aria-label={`Remove ${nameOf(person.user)}`}>
          Remove
        </Button>
      ),
  },
];

const nameOf = (user: User) => user.full_name || user.username;

/** A person has one row, however many roles. */
export function people(members: readonly Member[]): Person[] {
  const byUser = new Map<Id, Person>();
  for (const member of members) {
    const { user, role } = member;
    const person = byUser.get(user.id) ?? { user, roles: [], memberships: [], annotator: undefined };
    person.roles.push(role);
    person.memberships.push(member);
    if (role === "annotator") person.annotator = member;
    byUser.set(user.id, person);
  }
  return [...byUser.values()].sort((a, b) => a.user.username.localeCompare(b.user.username));
}

function AddMember({ project }: { project: Id }) {
  const client = useQueryClient();
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("annotator");
  const add = useMutation({
    mutationFn: (key: string) => addMember(project, username.trim(), role, key),
    onSuccess: () => {
      setUsername("");
      return client.invalidateQueries({ queryKey: keys.members(project) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(newIdempotencyKey());
  };
  return (
    <form className={styles.add} onSubmit={submit}>
      <TextField label="User name" required autoComplete="off" autoCapitalize="none" value={username} onChange={(event) => setUsername(event.target.value)} />
      <SelectField label="Role" value={role} onChange={(event) => setRole(event.target.value as Role)}>
        {Object.entries(ROLES).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </SelectField>
      <Button variant="primary" type="submit" icon={UserPlus} busy={add.isPending && "Adding"}>
        Add
      </Button>
      {add.error && <ErrorNote error={add.error} />}
    </form>
  );
}
