import { describe, expect, it } from "vitest";

import { savedState } from "./savedState";
import type { Work } from "./workbench";

const work = (changes: Partial<Work>) =>
  ({ loaded: true, leaseLost: false, online: true, busy: null, ...changes }) as Work;

describe("what the saved state says", () => {
  it("does not say saved before the masklet is there to be edited", () => {
    expect(savedState(work({ loaded: false }), []).text).toBe("Loading");
  });

  it("says saved when everything is", () => {
    expect(savedState(work({}), []).text).toBe("Saved");
  });
});
