import { describe, expect, it, vi } from "vitest";

import { dispatchKey } from "@/lib/actions";
import type { Footage } from "@/player/footage";
import type { Player } from "@/player/player";

import { reviewActions, type ReviewCommands } from "./actions";

const place = (j: number) =>
  ({ frame_idx: j, first_frame: j, last_frame: j, score: 0.9, reason: "object_lost" }) as const;

function setUp(change: Partial<ReviewCommands> = {}) {
  const player = {
    toggle: vi.fn(),
    step: vi.fn(),
    goTo: vi.fn(),
    pause: vi.fn(),
    read: () => ({ frame: 4 }),
  };
  const looking = {
    footage: { player: player as unknown as Player } as Footage,
    lane: { segments: [], doubts: new Map(), places: [place(7), place(2)] },
    stage: null,
    previous: null,
    hide: vi.fn(),
    changeLook: vi.fn(),
    compare: vi.fn(),
    changeOrder: vi.fn(),
    pace: vi.fn(),
  };
  const commands = {
    looking,
    named: [place(9), place(3)],
    undoable: true,
    give: vi.fn(),
    undo: vi.fn(),
    toggleReason: vi.fn(),
    pin: vi.fn(),
    leave: vi.fn(),
    ...change,
  };
  const press = (key: string) =>
    dispatchKey(reviewActions(commands), new KeyboardEvent("keydown", { key, cancelable: true }));
  return { commands, player, press };
}

describe("the keys of the review page", () => {
  it.each([
    ["s", "satisfactory"],
    ["u", "unsatisfactory"],
    ["j", "reject"],
  ])("%s gives the verdict %s", (key, verdict) => {
    const { commands, press } = setUp();
    press(key);
    expect(commands.give).toHaveBeenCalledWith(verdict);
  });

  it("go where the pre-verifier points with W, if it does", () => {
    const { player, press } = setUp();
    press("w");
    expect(player.goTo).toHaveBeenCalledWith(9);
    const silent = setUp({ named: null });
    silent.press("w");
    expect(silent.player.goTo).not.toHaveBeenCalled();
  });

  it("tick reasons by number and take the last verdict back with Z", () => {
    const { commands, press } = setUp();
    press("3");
    press("z");
    expect(commands.toggleReason).toHaveBeenCalledWith(2);
    expect(commands.undo).toHaveBeenCalledTimes(1);
  });

  it("go to the place to look at first, then to the next, and round again", () => {
    const { player, press } = setUp();
    press("g");
    expect(player.goTo).toHaveBeenLastCalledWith(7);
    player.read = () => ({ frame: 7 });
    press("g");
    expect(player.goTo).toHaveBeenLastCalledWith(2);
  });

  it("give no verdict where there is nothing to look at, but still take one back", () => {
    const { commands, press } = setUp({ looking: null });
    press("s");
    press("z");
    expect(commands.give).not.toHaveBeenCalled();
    expect(commands.undo).toHaveBeenCalledTimes(1);
  });

  it("pin the frame one stands on, at rest", () => {
    const { commands, player, press } = setUp();
    press("m");
    expect(player.pause).toHaveBeenCalledTimes(1);
    expect(commands.pin).toHaveBeenCalledWith(4);
  });

  it("belong to one action each", () => {
    const keys = reviewActions(setUp().commands).flatMap((action) => action.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
