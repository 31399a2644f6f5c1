import { expect, test } from "vitest";

import { daysLeft, formatAgo, formatBytes, formatDuration, formatRough, formatSpan, plural } from "./format";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1500, "1.5 KB"],
  [48_211, "48 KB"],
  [40_000_000, "40 MB"],
  [3.2e12, "3.2 TB"],
])("%d bytes are %s", (bytes, words) => expect(formatBytes(bytes)).toBe(words));

test.each([
  [3.52, "0:03.5"],
  [83, "1:23"],
  [3723, "1:02:03"],
])("%d seconds are %s", (seconds, words) => expect(formatDuration(seconds)).toBe(words));

test.each([
  [20, "under a minute"],
  [290, "about 5 min"],
  [3600, "about 1 h"],
  [7900, "about 2 h 10 min"],
  [10_600, "about 3 h"],
])("%d seconds to go are %s", (seconds, words) => expect(formatRough(seconds)).toBe(words));

test("moments are told by their distance, and by their date when they are far", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  expect(formatAgo("2026-11-22T11:59:40Z", now)).toBe("just now");
  expect(formatAgo("2026-11-22T11:55:00Z", now)).toBe("5 min. ago");
  expect(formatAgo("2026-11-21T12:00:00Z", now)).toBe("yesterday");
  expect(formatAgo("2026-01-02T12:00:00Z", now)).toBe("Jan 2, 2026");
});

test("what is left is told in whole days", () => {
  const now = Date.parse("2026-11-01T12:00:00Z");
  expect(daysLeft("2026-11-30T12:00:01Z", now)).toBe("29 days");
  expect(daysLeft("2026-11-02T12:00:00Z", now)).toBe("1 day");
  expect(daysLeft("2026-11-02T11:59:00Z", now)).toBe("less than a day");
});

test("nouns agree with their number", () => {
  expect(plural(1, "frame")).toBe("1 frame");
  expect(plural(1234, "frame")).toBe("1,234 frames");
});

test.each([
  [0, "0 s"],
  [59.4, "59 s"],
  [59.6, "1 min"],
  [3599, "1 h"],
  [12_000, "3 h 20 min"],
  [187_200, "2 d 4 h"],
])("%d seconds span %s", (seconds, words) => expect(formatSpan(seconds)).toBe(words));
