import { describe, expect, it } from "vitest";

import { Activity, IDLE_MS, TICK_MS, type Circumstances } from "./activity";

type Tool = "point" | "brush";
const START = 5000;

/** Somebody at the page, and a clock that ticks as the page's does. */
function somebody(given: Partial<Circumstances<Tool>> = {}) {
  let now = START;
  let here: Circumstances<Tool> = {
    frame: 3,
    tool: "point",
    attentive: true,
    playing: false,
    busy: false,
    ...given,
  };
  const activity = new Activity<Tool>(here, now);
  return {
    pass(ms: number) {
      for (const end = now + ms; now < end;) {
        now = Math.min(end, now + TICK_MS);
        activity.settle(now);
      }
    },
    sleep: (ms: number) => void (now += ms),
    move: () => activity.input(now, false),
    press: () => activity.input(now, true),
    ask: () => activity.asked(now),
    stroke: (frame: number, tool: Tool) => activity.stroke(frame, tool),
    change(change: Partial<Circumstances<Tool>>) {
      here = { ...here, ...change };
      activity.change(now, here);
    },
    take: () => activity.take(now),
  };
}

const only = (active: number, wait = 0) => [
  { frame: 3, tool: "point", activeMs: active, waitMs: wait, strokes: 0 },
];

describe("activity", () => {
  it("counts from an input on, and not before the first one", () => {
    const anna = somebody();
    anna.pass(4000);
    anna.move();
    anna.pass(3000);
    expect(anna.take()).toEqual(only(3000));
    expect(anna.take()).toEqual([]);
  });

  it("is cut ten seconds after the last input, to the millisecond", () => {
    const anna = somebody();
    anna.press();
    anna.pass(2300);
    anna.move();
    anna.pass(60_000);
    expect(anna.take()).toEqual(only(2300 + IDLE_MS));
  });

  it("does not count the pause before an input that ends it", () => {
    const anna = somebody();
    anna.press();
    anna.pass(30_000);
    anna.press();
    anna.pass(1000);
    expect(anna.take()).toEqual(only(IDLE_MS + 1000));
  });

  it("counts nothing while the page is not looked at, whatever moves", () => {
    const anna = somebody({ attentive: false });
    anna.move();
    anna.pass(5000);
    anna.change({ attentive: true });
    anna.pass(500);
    expect(anna.take()).toEqual(only(500));
  });

  it("counts nothing of a computer's sleep, and goes on after it", () => {
    const anna = somebody();
    anna.press();
    anna.pass(1000);
    anna.sleep(3 * 3_600_000);
    anna.pass(1000);
    expect(anna.take()).toEqual(only(1000));
    anna.press();
    anna.pass(700);
    expect(anna.take()).toEqual(only(700));
  });

  it("takes a short freeze of the page for work, since inputs come late then", () => {
    const anna = somebody();
    anna.press();
    anna.sleep(4000);
    anna.pass(100);
    expect(anna.take()).toEqual(only(4100));
  });

  it("counts watching the video as work, without any input", () => {
    const anna = somebody({ playing: true });
    anna.pass(25_000);
    expect(anna.take()).toEqual(only(25_000));
  });

  it("books time on the frame and the tool that it passed on", () => {
    const anna = somebody();
    anna.press();
    anna.pass(1000);
    anna.change({ frame: 4 });
    anna.pass(500);
    anna.change({ tool: "brush" });
    anna.pass(200);
    anna.stroke(4, "brush");
    expect(anna.take()).toEqual([
      { frame: 3, tool: "point", activeMs: 1000, waitMs: 0, strokes: 0 },
      { frame: 4, tool: "point", activeMs: 500, waitMs: 0, strokes: 0 },
      { frame: 4, tool: "brush", activeMs: 200, waitMs: 0, strokes: 1 },
    ]);
  });
});

describe("waiting for the model", () => {
  /** Has clicked just now, and the model works on it. */
  function waiting() {
    const anna = somebody();
    anna.press();
    anna.pass(100);
    anna.ask();
    anna.change({ busy: true });
    return anna;
  }

  it("is counted apart from work, from the question to the answer", () => {
    const anna = waiting();
    anna.pass(1500);
    anna.change({ busy: false });
    anna.pass(300);
    expect(anna.take()).toEqual(only(400, 1500));
  });

  it("goes on while the pointer merely moves", () => {
    const anna = waiting();
    for (let i = 0; i < 10; i++) {
      anna.move();
      anna.pass(100);
    }
    expect(anna.take()).toEqual(only(100, 1000));
  });

  it("ends for whoever goes on working meanwhile, and begins again when they stop", () => {
    const anna = waiting();
    anna.pass(2000);
    anna.press();
    anna.pass(IDLE_MS + 5000);
    expect(anna.take()).toEqual(only(100 + IDLE_MS, 2000 + 5000));
  });

  it("begins again with the next question", () => {
    const anna = waiting();
    anna.pass(200);
    anna.press();
    anna.pass(500);
    anna.ask();
    anna.pass(800);
    expect(anna.take()).toEqual(only(100 + 500, 200 + 800));
  });

  it("is no waiting while the video is watched, or while nobody is there", () => {
    const anna = waiting();
    anna.change({ playing: true });
    anna.pass(1000);
    expect(anna.take()).toEqual(only(1100, 0));
    anna.change({ playing: false, attentive: false });
    anna.pass(9000);
    expect(anna.take()).toEqual([]);
  });
});
