import { api, body } from "./client";
import type { Session } from "./models";

export const getSession = () => body(api.GET("/api/session/")) as Promise<Session>;

export const signIn = (username: string, password: string) =>
  body(api.POST("/api/session/", { body: { username, password } })) as Promise<Session>;

export const signOut = (): Promise<void> => body(api.DELETE("/api/session/"));

/** Every other session of this person ends. */
export const changePassword = (current: string, password: string): Promise<void> =>
  body(api.POST("/api/session/password/", { body: { current, password } }));

/** In how many other browsers this person is signed in. */
export const countOtherSessions = async (): Promise<number> =>
  (await body(api.GET("/api/session/others/"))).count;

export const endOtherSessions = (): Promise<void> => body(api.DELETE("/api/session/others/"));
