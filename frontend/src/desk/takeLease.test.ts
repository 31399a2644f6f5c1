import { beforeEach, expect, it, vi } from "vitest";

import { ApiError } from "@/api/client";
import type { Lease } from "@/api/models";
import { recall, remember } from "@/lib/holding";

import { takeLease, type LeaseSource } from "./takeLease";

const lease = (token: string) => ({ id: 1, masklet: 7, token }) as unknown as Lease;

function source(resume: (held: Lease) => Promise<Lease>): LeaseSource<Lease, Lease> {
  return {
    kind: "review",
    leaseOf: (claim) => claim,
    claim: vi.fn((_id, takeover: boolean) => Promise.resolve(lease(takeover ? "taken over" : "claimed"))),
    resume: vi.fn(resume),
  };
}

const refuse = (status: number) => () => Promise.reject(new ApiError(status, "lease_lost", "It is gone."));

beforeEach(() => sessionStorage.clear());

it("claims where this tab holds nothing, and remembers the lease", async () => {
  expect(await takeLease(source(refuse(500)), 7, false)).toMatchObject({ token: "claimed" });
  expect(recall("review", 7)).toMatchObject({ token: "claimed" });
});

it("goes on with the lease from before a reload", async () => {
  remember("review", lease("held"));
  const held = source((mine) => Promise.resolve(mine));
  expect(await takeLease(held, 7, false)).toMatchObject({ token: "held" });
  expect(held.claim).not.toHaveBeenCalled();
});

it("claims anew where that lease is lost, and where it takes over", async () => {
  remember("review", lease("held"));
  expect(await takeLease(source(refuse(409)), 7, false)).toMatchObject({ token: "claimed" });
  const kept = source((mine) => Promise.resolve(mine));
  expect(await takeLease(kept, 7, true)).toMatchObject({ token: "taken over" });
});

it("does not claim while the server is away", async () => {
  remember("review", lease("held"));
  const away = source(refuse(503));
  await expect(takeLease(away, 7, false)).rejects.toThrow("It is gone.");
  expect(away.claim).not.toHaveBeenCalled();
});
