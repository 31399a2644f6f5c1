import { send } from "./client";
import type { Page } from "./models";

/** Fetches the page that `next` or `previous` names. */
export async function followPage<T>(address: string): Promise<Page<T>> {
  const { pathname, search } = new URL(address, location.origin);
  const response = await send(new Request(location.origin + pathname + search));
  return (await response.json()) as Page<T>;
}
