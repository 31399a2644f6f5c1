import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";

import { keys } from "@/api/keys";
import type { Id, NewToken, Project, Token } from "@/api/models";
import { listTokens } from "@/api/tokens";
import { formatAgo, formatMoment } from "@/lib/format";
import { Button, Chip, EmptyState, ErrorNote, Section, Table, Working, type Column } from "@/ui";

import { NewTokenForm } from "./NewTokenForm";
import { RevokeButton } from "./RevokeButton";
import { Secret } from "./Secret";
import styles from "./TokensPage.module.css";

/** What programs show in place of a password. */
export function TokensPage({ project }: { project: Project }) {
  const [made, setMade] = useState<NewToken | null>(null);
  const {
    data: tokens,
    error,
    refetch,
  } = useQuery({ queryKey: keys.tokens(project.id), queryFn: () => listTokens(project.id) });
  return (
    <Section title="API tokens" level={1}>
      <NewTokenForm project={project} onMade={setMade} />
      {made && <Secret token={made} onDone={() => setMade(null)} />}
      {error && (
        <ErrorNote title="The tokens could not be loaded" error={error}>
          <Button small onClick={() => void refetch()}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {!tokens && !error && <Working fill>Loading the tokens</Working>}
      {tokens?.length === 0 && (
        <EmptyState icon={KeyRound} title="No tokens yet">
          A program shows a token in place of your password. It sees this project alone, in the role that you
          give it, until it runs out.
        </EmptyState>
      )}
      {tokens && tokens.length > 0 && (
        <Table caption="API tokens" columns={columns(project.id)} rows={tokens} rowKey={({ id }) => id} />
      )}
    </Section>
  );
}

const columns = (project: Id): Column<Token>[] => [
  {
    name: "Name",
    header: "Name",
    wide: true,
    cell: ({ name, begins }) => (
      <>
        {name} <code className={styles.quiet}>{begins}…</code>
      </>
    ),
  },
  { name: "Person", header: "Person", cell: ({ person }) => person },
  { name: "Role", header: "Role", cell: ({ role }) => <Chip>{role}</Chip> },
  {
    name: "Used",
    header: "Last used",
    cell: ({ used_at }) =>
      used_at ? (
        <span title={formatMoment(used_at)}>{formatAgo(used_at)}</span>
      ) : (
        <span className={styles.quiet}>never</span>
      ),
  },
  { name: "Until", header: "Good until", cell: (token) => until(token) },
  {
    name: "Revoke",
    cell: (token) => (inForce(token) ? <RevokeButton project={project} token={token} /> : null),
  },
];

const inForce = ({ revoked_at, expires_at }: Token) => !revoked_at && new Date(expires_at) > new Date();

function until({ revoked_at, expires_at }: Token) {
  if (revoked_at) return <span className={styles.quiet}>revoked {formatAgo(revoked_at)}</span>;
  if (new Date(expires_at) <= new Date())
    return <span className={styles.quiet}>ran out {formatAgo(expires_at)}</span>;
  return formatMoment(expires_at);
}
