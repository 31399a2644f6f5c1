import { api, body, held, once } from "./client";
import {
  WITH_PEOPLE,
  type Claim,
  type Direction,
  type Id,
  type Masklet,
  type MaskletStatus,
  type MaskSet,
  type NewPrompt,
  type Page,
  type Prompt,
  type Revision,
  type Run,
  type Target,
} from "./models";
import { allRows, LARGEST_PAGE } from "./pages";

export interface MaskletQuery {
  project?: Id;
  video?: Id;
  /** Any of these. */
  status?: MaskletStatus[] | undefined;
  /** Part of it. */
  label?: string | undefined;
}

const WHOLE = { page_size: LARGEST_PAGE };
const at = (id: Id) => ({ path: { id } });
const matches = (revision: number | undefined) =>
  revision === undefined ? {} : { "If-Match": `"${revision}"` };

export const listMasklets = (query: MaskletQuery) =>
  body(api.GET("/api/masklets/", { params: { query } })) as Promise<Page<Masklet>>;

export const getMasklet = (id: Id) =>
  body(api.GET("/api/masklets/{id}/", { params: at(id) })) as Promise<Masklet>;

/** A new object in a video, claimed by the caller. */
export const createMasklet = (video: Id, label: string, idempotencyKey: string) =>
  body(
    api.POST("/api/videos/{id}/masklets/", {
      params: { ...at(video), header: once(idempotencyKey) },
      body: { label },
    }),
  ) as Promise<Claim>;

/** The prompts in force, oldest first. */
export async function listPrompts(masklet: Id): Promise<Prompt[]> {
  return (await body(api.GET("/api/masklets/{id}/prompts/", { params: at(masklet) }))).prompts as Prompt[];
}

export interface PromptWrite {
  leaseToken: string;
  idempotencyKey: string;
  /** The revision that was looked at; the write is refused when there is a newer one. */
  ifMatch?: number;
}

export const addPrompt = (
  masklet: Id,
  prompt: NewPrompt,
  { leaseToken, idempotencyKey, ifMatch }: PromptWrite,
) =>
  body(
    api.POST("/api/masklets/{id}/prompts/", {
      params: {
        ...at(masklet),
        header: { ...held(leaseToken), ...once(idempotencyKey), ...matches(ifMatch) },
      },
      body: prompt,
    }),
  ) as Promise<{ prompt: Prompt; run: Run }>;

export const propagate = (
  masklet: Id,
  direction: Direction,
  fromFrame: number,
  whole: boolean,
  { leaseToken, idempotencyKey }: { leaseToken: string; idempotencyKey: string },
) =>
  body(
    api.POST("/api/masklets/{id}/propagate/", {
      params: { ...at(masklet), header: { ...held(leaseToken), ...once(idempotencyKey) } },
      body: { direction, from_frame: fromFrame, whole },
    }),
  ) as Promise<{ run: Run }>;

/** The masks of a revision, by default the current one. */
export const getMasks = (masklet: Id, revision?: number, signal?: AbortSignal) =>
  body(
    api.GET("/api/masklets/{id}/masks/", { params: { ...at(masklet), query: { revision } }, signal }),
  ) as Promise<MaskSet>;

/** The object that is meant, where others have already shown it; `undefined` where the annotator chooses. */
export const getTarget = (masklet: Id) =>
  body(api.GET("/api/masklets/{id}/target/", { params: at(masklet) })) as Promise<Target | undefined>;

/** Every revision, the newest first. */
export const listRevisions = (masklet: Id): Promise<Revision[]> =>
  allRows(
    body(api.GET("/api/masklets/{id}/revisions/", { params: { ...at(masklet), query: WHOLE } })) as Promise<
      Page<Revision>
    >,
  );

/** All objects of a video that people have to do with, the newest first. */
export const listObjects = (video: Id): Promise<Masklet[]> =>
  allRows(
    body(
      api.GET("/api/masklets/", { params: { query: { video, status: WITH_PEOPLE, ...WHOLE } } }),
    ) as Promise<Page<Masklet>>,
  );

/** Makes a new revision with the masks and prompts of an older one: undo and redo. */
export const restoreRevision = (
  masklet: Id,
  revision: number,
  { leaseToken, ifMatch }: { leaseToken: string; ifMatch: number },
) =>
  body(
    api.POST("/api/masklets/{id}/restore/", {
      params: { ...at(masklet), header: { ...held(leaseToken), ...matches(ifMatch) } },
      body: { revision },
    }),
  ) as Promise<{ masklet: Masklet }>;

export const reopenMasklet = (masklet: Id, reason: string) =>
  body(api.POST("/api/masklets/{id}/reopen/", { params: at(masklet), body: { reason } })) as Promise<Masklet>;
