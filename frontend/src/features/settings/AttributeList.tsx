import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { changeAttribute, getVocabulary } from "@/api/labels";
import { keys } from "@/api/keys";
import type { Attribute, AttributeKind, Id } from "@/api/models";
import { Button, Fetched, Section, Table, type Column } from "@/ui";

import styles from "./LabelList.module.css";
import { NewAttribute } from "./NewAttribute";

const KIND_WORDS: Record<AttributeKind, string> = {
  choice: "one of a list",
  number: "a number",
  text: "a text",
  tick: "yes or no",
};

/** What may be said of objects beside their label: of all of their frames, or of some. */
export function AttributeList({ project }: { project: Id }) {
  const { data, error, refetch } = useQuery({
    queryKey: keys.labels(project),
    queryFn: () => getVocabulary(project),
  });
  return (
    <Section title="Attributes">
      <NewAttribute project={project} />
      <Fetched
        what="the attributes"
        error={error}
        there={data !== undefined}
        onRetry={() => void refetch()}
      />
      {data?.attributes.length === 0 && (
        <p>
          No attributes yet. One asks something of each object, such as its pose, or whether it is occluded.
        </p>
      )}
      {data && data.attributes.length > 0 && (
        <Table
          caption="Attributes"
          columns={columns(project)}
          rows={data.attributes}
          rowKey={({ id }) => id}
        />
      )}
    </Section>
  );
}

const columns = (project: Id): Column<Attribute>[] => [
  {
    name: "Name",
    header: "Name",
    cell: ({ name, retired }) => <span className={retired ? styles.retired : undefined}>{name}</span>,
  },
  { name: "Kind", header: "Kind", cell: ({ kind }) => KIND_WORDS[kind] },
  { name: "Answers", header: "Answers", wide: true, cell: ({ choices }) => choices.join(", ") },
  { name: "Retire", cell: (attribute) => <Retire project={project} attribute={attribute} /> },
];

function Retire({ project, attribute }: { project: Id; attribute: Attribute }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => changeAttribute(project, attribute.id, { retired: !attribute.retired }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.labels(project) }),
  });
  return (
    <Button small variant="quiet" onClick={() => change.mutate()} busy={change.isPending && "Saving"}>
      {attribute.retired ? "Offer again" : "Retire"}
    </Button>
  );
}
