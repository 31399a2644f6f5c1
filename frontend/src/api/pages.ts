import { send } from "./client";
import type { Page } from "./models";

/** Rows of the largest page that the server hands out. */
export const LARGEST_PAGE = 200;
/** Where reading a whole list ends, whatever the server says. */
const MOST_PAGES = 50;

/** Fetches the page that `next` or `previous` names. */
export async function followPage<T>(address: string): Promise<Page<T>> {
  const { pathname, search } = new URL(address, location.origin);
  const response = await send(new Request(location.origin + pathname + search));
  return (await response.json()) as Page<T>;
}

/** Every row of a list, page by page; `first` should ask for pages of `LARGEST_PAGE`. */
export async function allRows<T>(first: Promise<Page<T>>): Promise<T[]> {
  let page = await first;
  const rows = [...page.results];
  for (let read = 1; page.next && read < MOST_PAGES; read++) {
    page = await followPage<T>(page.next);
    rows.push(...page.results);
  }
  return rows;
}
