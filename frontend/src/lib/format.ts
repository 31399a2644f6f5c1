/** Numbers and times as people read them. */

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** 1500000 → "1.5 MB". */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`;
}

/** Seconds → "0:03.5" below a minute, "1:23" and "1:02:03" above. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `0:${seconds.toFixed(1).padStart(4, "0")}`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Seconds still to go, as roughly as they are known: "under a minute", "about 5 min", "about 2 h 10 min". */
export function formatRough(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return "under a minute";
  if (minutes < 60) return `about ${minutes} min`;
  const rest = Math.round((minutes % 60) / 10) * 10;
  const hours = Math.floor(minutes / 60) + (rest === 60 ? 1 : 0);
  return rest % 60 === 0 ? `about ${hours} h` : `about ${hours} h ${rest} min`;
}

/** Seconds → "40 s", "12 min", "3 h 20 min", "2 d 4 h": how long something took or waits. */
export function formatSpan(seconds: number): string {
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return withRest(`${hours} h`, minutes % 60, "min");
  return withRest(`${Math.floor(hours / 24)} d`, hours % 24, "h");
}

const withRest = (whole: string, rest: number, unit: string) =>
  rest === 0 ? whole : `${whole} ${rest} ${unit}`;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "5 min. ago", "yesterday"; the date when it is longer ago than a month. */
export function formatAgo(iso: string, now: number = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  if (Math.abs(seconds) > 30 * 86_400) return formatDate(iso);
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return "just now";
}

/** "29 days": how long it is until `iso`, in whole days. */
export function daysLeft(iso: string, now: number = Date.now()): string {
  const days = Math.floor((new Date(iso).getTime() - now) / 86_400_000);
  return days >= 1 ? plural(days, "day") : "less than a day";
}

export const formatDate = (iso: string): string =>
  new Date(iso).toLocaleDateString("en", { year: "numeric", month: "short", day: "numeric" });

export const formatMoment = (iso: string): string =>
  new Date(iso).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });

/** 1 → "1 frame", 1234 → "1,234 frames". */
export const plural = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
