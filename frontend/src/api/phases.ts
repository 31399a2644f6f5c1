import { api, body } from "./client";
import type { Protocol } from "./models";

export const listPhases = () => body(api.GET("/api/phases/")) as Promise<Protocol[]>;
