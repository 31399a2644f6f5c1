import { useParams } from "react-router";

/** The number in the address, e.g. of /videos/:videoId. A text there is an id that does not exist. */
export function useIdParam(name: string): number {
  const text = useParams()[name] ?? "";
  return /^\d+$/.test(text) ? Number(text) : 0;
}
