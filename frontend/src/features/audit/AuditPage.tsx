import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { Download, Lock, ShieldAlert, ShieldCheck } from "lucide-react";

import { auditCsvAddress, checkAudit, listAudit, type AuditQuery } from "@/api/audit";
import { keys } from "@/api/keys";
import type { AuditChange, AuditCheck, AuditEntry, Project } from "@/api/models";
import { usePages } from "@/api/usePages";
import { formatAgo, formatMoment } from "@/lib/format";
import { useAddress } from "@/lib/useAddress";
import {
  Button,
  ButtonLink,
  Chip,
  EmptyState,
  ErrorNote,
  Fetched,
  Section,
  SelectField,
  Table,
  TextField,
  Working,
  type Column,
} from "@/ui";

import styles from "./AuditPage.module.css";
import { KINDS, queryFrom } from "./kinds";

export function AuditPage({ project }: { project: Project }) {
  if (!project.roles.includes("owner"))
    return (
      <EmptyState
        icon={Lock}
        title="The audit ledger is the owners’"
        action={<ButtonLink to="..">Go to the videos</ButtonLink>}
      >
        Only owners of this project read who changed what. Ask one of them.
      </EmptyState>
    );
  return <Ledger project={project} />;
}

function Ledger({ project }: { project: Project }) {
  const { params } = useAddress();
  const query = queryFrom(params);
  const { rows, error, refetch, more, fetchingMore } = usePages([...keys.audit(project.id), query], () =>
    listAudit(project.id, query),
  );
  const check = useQuery({
    queryKey: [...keys.audit(project.id), "check"],
    queryFn: () => checkAudit(project.id),
  });
  return (
    <Section
      title="Audit"
      level={1}
      actions={
        <ButtonLink
          icon={Download}
          to={auditCsvAddress(project.id, query)}
          reloadDocument
          download={`audit of ${project.name}.csv`}
        >
          Download CSV
        </ButtonLink>
      }
    >
      <Check check={check} />
      <Filters query={query} people={check.data?.people ?? []} />
      <Fetched what="the ledger" error={error} there={rows !== undefined} onRetry={refetch} />
      {rows?.length === 0 && (
        <EmptyState title="Nothing of that kind happened">
          Choose another person, another kind or other days.
        </EmptyState>
      )}
      {rows && rows.length > 0 && (
        <Table
          caption="Audit"
          columns={COLUMNS}
          rows={rows}
          rowKey={({ id }) => id}
          more={more}
          fetchingMore={fetchingMore}
        />
      )}
    </Section>
  );
}

/** Whose entries are shown, of what kind and of which days. */
function Filters({ query, people }: { query: AuditQuery; people: readonly string[] }) {
  const { set, replace } = useAddress();
  return (
    <div className={styles.filters}>
      <SelectField
        label="Who"
        value={query.person ?? ""}
        onChange={(event) => set("person", event.target.value)}
      >
        <option value="">Everybody</option>
        {[...new Set([...people, ...(query.person ? [query.person] : [])])].map((name) => (
          <option key={name}>{name}</option>
        ))}
      </SelectField>
      <SelectField
        label="What"
        value={query.kind ?? ""}
        onChange={(event) => set("kind", event.target.value)}
      >
        <option value="">Everything</option>
        {KINDS.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      <TextField
        label="From"
        type="date"
        value={query.since ?? ""}
        onChange={(event) => set("since", event.target.value)}
      />
      <TextField
        label="To"
        type="date"
        value={query.until ?? ""}
        onChange={(event) => set("until", event.target.value)}
      />
      {Object.values(query).some(Boolean) && (
        <Button variant="quiet" onClick={() => replace({})}>
          Show everything
        </Button>
      )}
    </div>
  );
}

/** Whether the whole ledger is as it was written. */
function Check({ check }: { check: UseQueryResult<AuditCheck> }) {
  return (
    <div className={styles.check}>
      {check.data && <Verdict check={check.data} />}
      {check.isPending && <Working>Checking the whole ledger</Working>}
      {check.error && (
        <ErrorNote title="The ledger could not be checked" error={check.error}>
          <Button small onClick={() => void check.refetch()}>
            Try again
          </Button>
        </ErrorNote>
      )}
    </div>
  );
}

function Verdict({ check }: { check: AuditCheck }) {
  if (check.broken_at === null)
    return (
      <>
        <Chip tone="good" icon={ShieldCheck}>
          Whole
        </Chip>
        <p>
          {check.entries.toLocaleString("en")} entries, each of them as it was written. The last one’s hash is{" "}
          <code title={check.head}>{check.head.slice(0, 12)}…</code>
        </p>
      </>
    );
  return (
    <>
      <Chip tone="bad" icon={ShieldAlert}>
        Broken
      </Chip>
      <p role="alert">
        Entry {check.broken_at} is not what was written there, or one before it is missing. Believe nothing
        from there on, and tell whoever runs this installation.
      </p>
    </>
  );
}

const COLUMNS: Column<AuditEntry>[] = [
  {
    name: "Number",
    header: "No.",
    numeric: true,
    cell: ({ number }) => <span className={styles.quiet}>{number}</span>,
  },
  {
    name: "When",
    header: "When",
    cell: ({ at }) => (
      <time dateTime={at} title={formatAgo(at)} className={styles.when}>
        {formatMoment(at)}
      </time>
    ),
  },
  { name: "Who", header: "Who", cell: ({ actor_name }) => actor_name },
  {
    name: "What",
    header: "What",
    wide: true,
    cell: ({ sentence, changes, reason }) => (
      <div className={styles.what}>
        <span>{sentence}</span>
        {changes.map((change) => (
          <Changed key={change.what} change={change} />
        ))}
        {reason && <span className={styles.quiet}>because: {reason}</span>}
      </div>
    ),
  },
];

function Changed({ change: { what, before, after } }: { change: AuditChange }) {
  return (
    <span className={styles.change}>
      {what}: {before && (after ? <del>{before}</del> : before)}
      {before && after && <span aria-label="then"> → </span>}
      {after && <ins>{after}</ins>}
    </span>
  );
}
