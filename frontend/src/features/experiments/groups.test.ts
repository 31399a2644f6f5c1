import { expect, test } from "vitest";

import { divided, groupOf, moved, whyNot, type Candidate } from "./groups";

const person = (username: string, ...phases: number[]): Candidate => ({
  username,
  name: username,
  phases: phases.length > 0 ? phases : [1, 2, 3],
});

test("people are divided into groups of nearly one size, those trained for few phases first", () => {
  const groups = divided([
    person("anna"),
    person("bert"),
    person("cleo", 1),
    person("dora"),
    person("emil", 3),
  ]);
  expect(groups).toEqual({ "1": ["cleo", "bert"], "2": ["anna", "dora"], "3": ["emil"] });
});

test("a person is in one group at most", () => {
  const groups = moved(divided([person("anna"), person("bert"), person("cleo")]), "anna", "3");
  expect(groups).toEqual({ "1": [], "2": ["bert"], "3": ["cleo", "anna"] });
  expect(groupOf(groups, "anna")).toBe("3");
  expect(groupOf(moved(groups, "anna", undefined), "anna")).toBeUndefined();
});

test.each([
  [[person("anna"), person("bert")], /three annotators at least/],
  [[person("anna", 2, 3), person("bert", 2), person("cleo", 3)], /Nobody is trained for phase 1/],
  [[person("anna"), person("bert"), person("cleo")], undefined],
])("what stands in the way is said in a sentence", (people, words) => {
  const reason = whyNot(people, divided(people));
  if (words) expect(reason).toMatch(words);
  else expect(reason).toBeUndefined();
});

test("a phase without people is named", () => {
  const people = [person("anna"), person("bert"), person("cleo")];
  expect(whyNot(people, { "1": ["anna"], "2": [], "3": [] })).toBe("Phase 2 and 3 have nobody yet.");
});
