/** A real HTTP server for tests, and a `fetch` that sends our relative addresses to it. */

import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

import { onTestFinished, vi } from "vitest";

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Server {
  origin: string;
  received: Received[];
}

/** Answers with what `handle` returns; a number is a status alone. Closed when the test is over. */
export async function serve(handle: (request: Received) => Answer | number): Promise<Server> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const seen = {
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      const cors = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "*",
        "Access-Control-Allow-Headers": "*",
      };
      if (seen.method === "OPTIONS") return response.writeHead(204, cors).end();
      received.push(seen);
      const made = handle(seen);
      const answer = typeof made === "number" ? { status: made } : made;
      response.writeHead(answer.status ?? 200, {
        "Content-Type": "application/json",
        Connection: "close",
        ...cors,
        ...answer.headers,
      });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const network = globalThis.fetch;
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const body = request.body && (await request.arrayBuffer());
    return network(origin + pathname + search, { method: request.method, headers: request.headers, body });
  });
  onTestFinished(() => {
    vi.unstubAllGlobals();
    server.closeAllConnections();
    server.close();
  });
  return { origin, received };
}

export const json = (request: Received): unknown => JSON.parse(request.body.toString());
