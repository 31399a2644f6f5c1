import { expect, test } from "vitest";

import { fingerprint, forget, newEntry, recall, remember, unfinished } from "./ledger";

const file = new File(["abc"], "clip.mp4", { lastModified: 5 });
const upload = (expires_at: string) => ({
  id: 3,
  video: 8,
  size: 3,
  part_size: 2,
  part_count: 2,
  expires_at,
});
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();

test("the same file has the same fingerprint in its project, and another one elsewhere", () => {
  expect(fingerprint(1, file)).toBe(fingerprint(1, new File(["xyz"], "clip.mp4", { lastModified: 5 })));
  expect(fingerprint(1, file)).not.toBe(fingerprint(2, file));
  expect(fingerprint(1, file)).not.toBe(fingerprint(1, new File(["abc"], "clip.mp4", { lastModified: 6 })));
});

test("an upload is remembered until it is forgotten", () => {
  remember("print", newEntry(1, file, upload(tomorrow())));
  expect(recall("print")).toMatchObject({ upload: 3, video: 8, name: "clip.mp4", size: 3 });
  expect(unfinished(1).map(([print]) => print)).toEqual(["print"]);
  expect(unfinished(2)).toEqual([]);
  forget("print");
  expect(recall("print")).toBeUndefined();
});

test("an upload whose time is up is as good as forgotten", () => {
  remember("print", newEntry(1, file, upload(new Date(Date.now() - 1000).toISOString())));
  expect(recall("print")).toBeUndefined();
});

test("a ledger that cannot be read is an empty one", () => {
  localStorage.setItem("maskloop.uploads", "{broken");
  expect(recall("print")).toBeUndefined();
});
