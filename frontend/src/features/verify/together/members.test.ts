import { describe, expect, it } from "vitest";

import type { Opened } from "../openReview";
import { membersOf, neighbourOf, openOnes, type Outcome } from "./members";

const opened = [11, 12, 13, 14].map((id) => ({ review: { id } }) as Opened);
const members = (outcomes: [number, Outcome][] = []) => membersOf(opened, new Map(outcomes));

describe("masklets that are verified in one go", () => {
  it("are numbered as they stand, each in a colour of its own", () => {
    expect(members().map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(new Set(members().map(({ colour }) => colour)).size).toBe(4);
  });

  it("wait until they have a verdict or are lost", () => {
    const left = openOnes(
      members([
        [11, "satisfactory"],
        [13, "lost"],
      ]),
    );
    expect(left.map(({ id }) => id)).toEqual([12, 14]);
  });

  it("come one after the other, round the end, passing over what is decided", () => {
    const some = members([[12, "reject"]]);
    expect(neighbourOf(some, 11, 1)?.id).toBe(13);
    expect(neighbourOf(some, 14, 1)?.id).toBe(11);
    expect(neighbourOf(some, 11, -1)?.id).toBe(14);
    expect(neighbourOf(some, 13, -1)?.id).toBe(11);
  });

  it("have no neighbour where all others are decided", () => {
    const done = members([
      [12, "reject"],
      [13, "lost"],
      [14, "satisfactory"],
    ]);
    expect(neighbourOf(done, 11, 1)).toBeNull();
    expect(neighbourOf(done, 12, 1)?.id).toBe(11);
  });
});
