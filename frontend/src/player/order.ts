/**
 * Which frames to fetch next, most wanted first: the one on show, then mostly ahead in the
 * direction of travel, with a few behind for whoever turns round.
 */
export function prefetchOrder(
  frame: number,
  direction: 1 | -1,
  count: number,
  ahead: number,
  behind: number,
): number[] {
  const order: number[] = [];
  const add = (j: number) => {
    if (j >= 0 && j < count) order.push(j);
  };
  add(frame);
  for (let i = 1; i <= Math.max(ahead, behind); i++) {
    if (i <= ahead) add(frame + direction * i);
    if (i <= behind) add(frame - direction * i);
  }
  return order;
}
