import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { keys } from "@/api/keys";
import type { Id, Member, Project, Role, User } from "@/api/models";
import { listMembers } from "@/api/projects";
import { Button, Chip, ErrorNote, Section, Table, Working, type Column } from "@/ui";

import { Invitations } from "./Invitations";
import styles from "./MembersPage.module.css";
import { RemoveDialog } from "./RemoveDialog";
import { Standing } from "./Standing";
import { Training } from "./Training";

export function MembersPage({ project }: { project: Project }) {
  const {
    data: members,
    error,
    refetch,
  } = useQuery({ queryKey: keys.members(project.id), queryFn: () => listMembers(project.id) });
  const [leaving, setLeaving] = useState<Person>();
  return (
    <Section title="Members" level={1}>
      {project.roles.includes("owner") && <Invitations project={project.id} />}
      {error && (
        <ErrorNote title="The members could not be loaded" error={error}>
          <Button small onClick={() => void refetch()}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {!members && !error && <Working fill>Loading the members</Working>}
      {members && (
        <Table
          caption="Members"
          columns={columns(project, setLeaving)}
          rows={people(members)}
          rowKey={({ user }) => user.id}
        />
      )}
      {leaving && (
        <RemoveDialog
          project={project.id}
          name={nameOf(leaving.user)}
          memberships={leaving.memberships}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </Section>
  );
}

interface Person {
  user: User;
  roles: Role[];
  memberships: Member[];
  /** The membership as an annotator, which says what the person is trained for. */
  annotator: Member | undefined;
  /** The membership as a reviewer. */
  reviewer: Member | undefined;
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
      annotator && (
        <Training
          project={project.id}
          membership={annotator}
          name={user.full_name || user.username}
          mayChange={project.roles.includes("owner")}
        />
      ),
  },
  {
    name: "Where reviewers differ",
    header: "Where reviewers differ",
    cell: ({ user, reviewer }) =>
      reviewer && (
        <Standing
          project={project.id}
          membership={reviewer}
          name={nameOf(user)}
          mayChange={project.roles.includes("owner")}
        />
      ),
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
    const person = byUser.get(user.id) ?? {
      user,
      roles: [],
      memberships: [],
      annotator: undefined,
      reviewer: undefined,
    };
    person.roles.push(role);
    person.memberships.push(member);
    if (role === "annotator") person.annotator = member;
    if (role === "reviewer") person.reviewer = member;
    byUser.set(user.id, person);
  }
  return [...byUser.values()].sort((a, b) => a.user.username.localeCompare(b.user.username));
}
