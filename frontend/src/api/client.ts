/**
 * The one place that speaks HTTP to our own API. Paths, parameters and bodies are checked against its
 * schema.
 */

import createClient from "openapi-fetch";

import type { paths } from "./schema";

/** An answer that was not what we asked for, with a sentence fit for people. */
export class ApiError extends Error {
  readonly code: string;
  readonly details: unknown;
  /** HTTP status, or 0 when no answer came. */
  readonly status: number;

  constructor(status: number, code: string, message: string, details: unknown = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export const isApiError = (error: unknown, code?: string): error is ApiError =>
  error instanceof ApiError && (code === undefined || error.code === code);

/**
 * What is wrong with one field of what was sent, as a sentence; `undefined` when the refusal is not about
 * that field.
 */
export function fieldProblem(error: unknown, field: string): string | undefined {
  if (!isApiError(error, "invalid")) return undefined;
  const problems: unknown = (error.details as Record<string, unknown> | null)?.[field];
  return Array.isArray(problems) ? problems.join(" ") : undefined;
}

/** Names one user action, so that a retry of it is not a second one. */
export const newIdempotencyKey = (): string => crypto.randomUUID();

/** Every refusal, and every silence, is thrown as an `ApiError`. */
export const api = createClient<paths>({ baseUrl: location.origin, credentials: "same-origin", fetch: send });

/** The body of an answer that came through `api`. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

/** Headers of a write that only the holder of a lease may make. */
export const held = (leaseToken: string) => ({ "Lease-Token": leaseToken });

/** Headers of a write that is safe to repeat. */
export const once = (idempotencyKey: string) => ({ "Idempotency-Key": idempotencyKey });

const RETRY_DELAYS_MS = [300, 1200, 3000];
const RETRY_STATUSES = new Set([502, 503, 504]);

/**
 * Sends a request; one that changes nothing, or that carries an Idempotency-Key, is sent again while a
 * gateway fails.
 */
export async function send(request: Request): Promise<Response> {
  if (request.method !== "GET") request.headers.set("X-CSRFToken", cookie("csrftoken") ?? "");
  const repeatable = request.method === "GET" || request.headers.has("Idempotency-Key");
  for (let attempt = 0; ; attempt++) {
    const last = !repeatable || attempt >= RETRY_DELAYS_MS.length;
    try {
      const response = await fetch(request.clone());
      if (response.ok) return response;
      if (last || !RETRY_STATUSES.has(response.status)) throw await errorFrom(response);
    } catch (error) {
      if (request.signal.aborted || error instanceof ApiError) throw error;
      if (last) throw new ApiError(0, "no_connection", NO_CONNECTION);
    }
    await pause(RETRY_DELAYS_MS[attempt], request.signal);
  }
}

export function cookie(name: string): string | undefined {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found && decodeURIComponent(found.slice(name.length + 1));
}

const NO_CONNECTION = "The server cannot be reached. Nothing that was saved is lost; try again in a moment.";

async function errorFrom(response: Response): Promise<ApiError> {
  const answer: unknown = await response.json().catch(() => null);
  if (isErrorBody(answer)) return new ApiError(response.status, answer.code, answer.message, answer.details);
  return new ApiError(response.status, `http_${response.status}`, sentenceFor(response.status));
}

function isErrorBody(answer: unknown): answer is { code: string; message: string; details?: unknown } {
  return typeof answer === "object" && answer !== null && "code" in answer && "message" in answer;
}

function sentenceFor(status: number): string {
  if (status === 404) return "This does not exist, or you are not a member of its project.";
  if (status === 403) return "You are not allowed to do this. Ask an owner of the project.";
  if (status >= 500)
    return "The server failed to answer. Nothing that was saved is lost; try again in a moment.";
  return `The server refused the request (${status}).`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
