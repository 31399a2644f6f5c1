import { api, body } from "./client";
import type { Id, NewToken, Role, Token } from "./models";

export const listTokens = (project: Id) =>
  body(api.GET("/api/projects/{id}/tokens/", { params: { path: { id: project } } })) as Promise<Token[]>;

export const createToken = (project: Id, token: { name: string; role: Role; days: number }) =>
  body(
    api.POST("/api/projects/{id}/tokens/", { params: { path: { id: project } }, body: token }),
  ) as Promise<NewToken>;

export const revokeToken = (project: Id, token: Id): Promise<void> =>
  body(api.DELETE("/api/projects/{id}/tokens/{token}/", { params: { path: { id: project, token } } }));
