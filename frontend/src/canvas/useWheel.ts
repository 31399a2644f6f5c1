import { useEffect, useEffectEvent, type RefObject } from "react";

/** Turns the wheel over `box` into a factor of zoom, where the pointer is. */
export function useWheel(
  box: RefObject<HTMLElement | null>,
  onZoom: (factor: number, event: WheelEvent) => void,
): void {
  const wheel = useEffectEvent((event: WheelEvent) => {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const pace = event.ctrlKey ? 0.01 : 0.0015;
    onZoom(Math.exp(-event.deltaY * lines * pace), event);
  });
  useEffect(() => {
    const element = box.current;
    const listener = (event: WheelEvent) => wheel(event);
    // Not passive, so that the page does not scroll or zoom instead.
    element?.addEventListener("wheel", listener, { passive: false });
    return () => element?.removeEventListener("wheel", listener);
  }, [box]);
}
