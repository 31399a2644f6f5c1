import { api, body, once } from "./client";
import type { AutomaticVerdicts, AutomaticWish, Id, PreverifierReport, Run } from "./models";

const at = (id: Id) => ({ path: { id } });

/** How good what looks at submitted masklets first is, by people's verdicts, and what it may decide. */
export const preverifierReport = (project: Id) =>
  body(api.GET("/api/projects/{id}/preverifier/", { params: at(project) })) as Promise<PreverifierReport>;

export const fitPreverifier = (project: Id, idempotencyKey: string) =>
  body(
    api.POST("/api/projects/{id}/preverifier/fits/", {
      params: { ...at(project), header: once(idempotencyKey) },
    }),
  ) as Promise<{ run: Run }>;

/** Refused where verdicts do not show the promised precision. */
export const allowAutomatic = (project: Id, wish: AutomaticWish) =>
  body(
    api.PATCH("/api/projects/{id}/preverifier/automatic/", { params: at(project), body: wish }),
  ) as Promise<AutomaticVerdicts>;
