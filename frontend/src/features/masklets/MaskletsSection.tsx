import { Eye, Gavel, PencilLine, RotateCcw, Shapes, Tag } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import { keys } from "@/api/keys";
import { listMasklets } from "@/api/masklets";
import { WITH_PEOPLE, type Masklet, type Project, type Video } from "@/api/models";
import { isPropagation } from "@/api/runs";
import { usePages } from "@/api/usePages";
import { useUser } from "@/api/useSession";
import { summed } from "@/describe/words";
import { formatAgo, formatMoment, plural } from "@/lib/format";
import { useAddress } from "@/lib/useAddress";
import { colourOf } from "@/masks/colours";
import {
  Button,
  ButtonLink,
  EmptyState,
  ErrorNote,
  Fetched,
  IconButton,
  MaskletChip,
  Section,
  Table,
  Thumbnail,
  type Column,
} from "@/ui";

import { DescribeDialog } from "./DescribeDialog";
import { MaskletFilters, VIEWS } from "./MaskletFilters";
import styles from "./MaskletsSection.module.css";
import { NewObjectButton, useNewObject } from "./NewObject";
import { MakeGold } from "./MakeGold";
import { ReopenDialog } from "./ReopenDialog";

/** The masklets of a video, or of a whole project when `video` is left out. */
export function MaskletsSection({ project, video }: { project: Project; video?: Video }) {
  const { params, set, replace } = useAddress();
  const [reopening, setReopening] = useState<Masklet | null>(null);
  const [describing, setDescribing] = useState<Masklet | null>(null);
  const view = VIEWS.find(({ value }) => value === params.get("status"));
  const label = params.get("label") ?? "";
  const scope = video ? { video: video.id } : { project: project.id };
  const { rows, error, refetch, more, fetchingMore } = usePages(
    [...keys.masklets, { ...scope, view: view?.value, label }],
    () => listMasklets({ ...scope, status: view?.statuses ?? WITH_PEOPLE, label: label || undefined }),
    { poll: (masklets) => (masklets.some(({ run }) => run !== null) ? 5000 : false) },
  );

  const newObject = useNewObject(project, video);
  const button = video && <NewObjectButton {...newObject} />;
  const columns = [
    ...(video ? [] : [VIDEO_COLUMN]),
    objectColumn(setDescribing),
    ...COLUMNS,
    {
      name: "Action",
      cell: (masklet: Masklet) => <NextStep masklet={masklet} project={project} onReopen={setReopening} />,
    },
  ];
  const empty = rows?.length === 0 && view === undefined && label === "";

  return (
    <Section
      title={video ? "Objects" : "Masklets"}
      level={video ? 2 : 1}
      actions={empty ? undefined : button}
    >
      {newObject.error && <ErrorNote title="The object was not made" error={newObject.error} />}
      {!empty && <MaskletFilters project={project.id} {...{ view, label }} onChange={set} />}
      <Fetched what="the masklets" error={error} there={rows !== undefined} onRetry={refetch} />
      {empty && (
        <EmptyState
          icon={Shapes}
          title={video ? "No objects in this video yet" : "No masklets yet"}
          action={button}
        >
          {video
            ? "Add an object, click on it in one frame, and carry its mask through the video."
            : "A masklet is one object followed through a video. Open a video that is ready and add its first object."}
        </EmptyState>
      )}
      {!empty && rows?.length === 0 && (
        <EmptyState
          title="No masklet fits these filters"
          action={<Button onClick={() => replace({})}>Show all</Button>}
        />
      )}
      {rows && rows.length > 0 && (
        <Table
          caption="Masklets"
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          below={verdictNote}
          belowFrom={video ? 0 : 1}
          more={more}
          fetchingMore={fetchingMore}
        />
      )}
      {reopening && <ReopenDialog masklet={reopening} onClose={() => setReopening(null)} />}
      {describing && <DescribeDialog masklet={describing} onClose={() => setDescribing(null)} />}
    </Section>
  );
}

const VIDEO_COLUMN: Column<Masklet> = {
  name: "Video",
  header: "Video",
  cell: ({ thumbnail_url, video, video_name }) => (
    <Link to={`/videos/${video}`} className={styles.video}>
      <Thumbnail url={thumbnail_url} />
      <span>{video_name}</span>
    </Link>
  ),
};

const objectColumn = (onDescribe: (masklet: Masklet) => void): Column<Masklet> => ({
  name: "Object",
  header: "Object",
  wide: true,
  cell: (masklet) => {
    const { object_id: number, label, attributes, frame_attributes: stretches, trial } = masklet;
    const more = summed(attributes, stretches);
    return (
      <span className={styles.object}>
        <span className={styles.swatch} style={{ background: colourOf(number) }} aria-hidden />
        <span className={styles.number}>{number}</span>
        <span className={styles.label}>
          {label || <span className={styles.quiet}>no label</span>}
          {more && (
            <span className={styles.more} title={more}>
              {more}
            </span>
          )}
        </span>
        <IconButton
          icon={Tag}
          size={15}
          label={`Say what object ${number} is`}
          onClick={() => onDescribe(masklet)}
        />
        {trial && (
          <span className={styles.quiet} title="Made for a controlled experiment; never released">
            experiment
          </span>
        )}
      </span>
    );
  },
});

const COLUMNS: Column<Masklet>[] = [
  { name: "State", header: "State", cell: ({ status }) => <MaskletChip status={status} /> },
  { name: "Phase", header: "Phase", numeric: true, cell: ({ phase }) => phase },
  {
    name: "Revision",
    header: "Revision",
    numeric: true,
    cell: ({ revision }) => revision || <span className={styles.quiet}>none</span>,
  },
  {
    name: "Edited frames",
    header: "Edited frames",
    numeric: true,
    cell: ({ edited_frames }) => (
      <span title={edited_frames.length ? `Frames ${edited_frames.join(", ")}` : undefined}>
        {edited_frames.length}
      </span>
    ),
  },
  { name: "To look at", header: "To look at", numeric: true, cell: (masklet) => <ToLookAt {...masklet} /> },
  { name: "Annotator", header: "Annotator", cell: (masklet) => <Annotator {...masklet} /> },
  {
    name: "Changed",
    header: "Changed",
    cell: ({ updated_at }) => (
      <time dateTime={updated_at} title={formatMoment(updated_at)} className={styles.quiet}>
        {formatAgo(updated_at)}
      </time>
    ),
  },
];

function Annotator({ annotator, assigned_to: keeper, status }: Masklet) {
  if (!keeper || keeper === annotator || !["selected", "needs_refinement"].includes(status)) return annotator;
  return <span className={styles.quiet}>kept for {keeper}</span>;
}

/** Places that are likely wrong, as long as somebody can still do something about them. */
function ToLookAt({ status, suggested_frames_count: places, doubt }: Masklet) {
  if (places === 0 || status === "accepted" || status === "rejected")
    return <span className={styles.quiet}>none</span>;
  return (
    <span title={`About ${Math.round(100 * doubt)} % of its masks are expected to be wrong`}>
      {plural(places, "place")}
    </span>
  );
}

/** What this person can do with it next, if anything. */
function NextStep({
  masklet,
  project,
  onReopen,
}: {
  masklet: Masklet;
  project: Project;
  onReopen: (masklet: Masklet) => void;
}) {
  const { id, status, assigned_to: keeper } = masklet;
  const { roles } = project;
  const { username } = useUser();
  if (
    ["selected", "annotating", "needs_refinement"].includes(status) &&
    roles.includes("annotator") &&
    (!keeper || keeper === username)
  )
    return (
      <ButtonLink small variant="secondary" icon={PencilLine} to={`/annotate/${id}`}>
        {status === "needs_refinement" ? "Refine" : "Annotate"}
      </ButtonLink>
    );
  if (status === "in_verification" && roles.includes("reviewer"))
    return (
      <ButtonLink small variant="secondary" icon={Eye} to={`/review/${id}`}>
        Review
      </ButtonLink>
    );
  if (status === "in_verification" && roles.includes("owner"))
    return (
      <ButtonLink small variant="quiet" icon={Gavel} to={`/projects/${project.id}/decisions/${id}`}>
        Decide
      </ButtonLink>
    );
  if (status === "accepted" && roles.includes("owner"))
    return (
      <>
        <MakeGold masklet={id} />
        <Button small variant="quiet" icon={RotateCcw} onClick={() => onReopen(masklet)}>
          Reopen
        </Button>
      </>
    );
  if (status === "rejected" && roles.includes("owner"))
    return (
      <Button small variant="quiet" icon={RotateCcw} onClick={() => onReopen(masklet)}>
        Bring back
      </Button>
    );
  return null;
}

/** The reviewer's words stay in sight as long as they ask for something. */
function verdictNote({ status, last_verdict: last, run }: Masklet) {
  if (run !== null && isPropagation(run))
    return (
      <span className={styles.quiet}>
        Propagating: {run.progress.done} of {plural(run.progress.total, "frame")}
      </span>
    );
  if (last === null || !last.comment || status === "accepted") return null;
  return (
    <span className={styles.note}>
      <strong>{last.reviewer}:</strong> {last.comment}
    </span>
  );
}
