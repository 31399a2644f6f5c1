import type { Bar } from "@/ui";

/** Bars between edges: "below 2", "2 to 5", "60 and more". */
export function histogram(
  counts: readonly number[],
  edges: readonly number[],
  words: (edge: number) => string,
): Bar[] {
  return counts.map((count, i) => {
    const from = edges[i - 1];
    const to = edges[i];
    const label =
      from === undefined
        ? `below ${words(to ?? 0)}`
        : to === undefined
          ? `${words(from)} and more`
          : `${words(from)} to ${words(to)}`;
    return { key: label, label, parts: [count], words: count.toLocaleString("en") };
  });
}

/** One bar for each name, the longest first. */
export function named(counts: Readonly<Record<string, number>>, nameless: string, most = 12): Bar[] {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([name, count]) => ({
      key: name || nameless,
      label: name || nameless,
      parts: [count],
      words: count.toLocaleString("en"),
    }));
}

export const share = (value: number) => `${Number((value * 100).toPrecision(2))} %`;
