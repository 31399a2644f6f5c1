import {
  cloneElement,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type HTMLAttributes,
  type ReactElement,
  type ReactNode,
} from "react";
import { createPortal } from "react-dom";

import { Key } from "./Key";
import styles from "./Tooltip.module.css";

type Side = "top" | "right" | "bottom" | "left";

export interface TooltipProps {
  /** Nothing shows nothing. */
  text: ReactNode;
  /** The key that does the same, e.g. "Shift+F". */
  shortcut?: string | undefined;
  side?: Side | undefined;
  /** One element that takes event handlers, usually a button. */
  children: ReactElement<HTMLAttributes<HTMLElement>>;
}

/**
 * Words beside an element while the pointer or the keyboard rests on it. They never take a key or a click.
 */
export function Tooltip({ text, shortcut, side = "bottom", children }: TooltipProps) {
  const id = useId();
  const { anchor, leave, handlers } = useResting(children.props);
  const shown = anchor !== null && text !== undefined;
  return (
    <>
      {cloneElement(children, {
        ...handlers,
        "aria-describedby": shown ? id : children.props["aria-describedby"],
      })}
      {shown && (
        <Bubble id={id} anchor={anchor} side={side} onEscape={leave}>
          {text}
          {shortcut && <Key name={shortcut} />}
        </Bubble>
      )}
    </>
  );
}

const DELAY_MS = 400;
/** Going from button to button, the next tooltip does not wait. */
const SKIP_DELAY_MS = 300;
const last = { left: 0 };

type Handlers = Pick<
  HTMLAttributes<HTMLElement>,
  "onPointerEnter" | "onPointerLeave" | "onPointerDown" | "onFocus" | "onBlur"
>;

/** The element that the pointer or the keyboard rests on. `own` are its own handlers, which stay in force. */
function useResting(own: Handlers): { anchor: HTMLElement | null; leave: () => void; handlers: Handlers } {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const rest = (element: HTMLElement, delay: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () => setAnchor(element),
      performance.now() - last.left < SKIP_DELAY_MS ? 0 : delay,
    );
  };
  const leave = () => {
    clearTimeout(timer.current);
    if (anchor !== null) last.left = performance.now();
    setAnchor(null);
  };
  const handlers: Handlers = {
    onPointerEnter: (event) => {
      own.onPointerEnter?.(event);
      if (event.pointerType !== "touch") rest(event.currentTarget, DELAY_MS);
    },
    onPointerLeave: (event) => {
      own.onPointerLeave?.(event);
      leave();
    },
    onPointerDown: (event) => {
      own.onPointerDown?.(event);
      leave();
    },
    onFocus: (event) => {
      own.onFocus?.(event);
      if (event.currentTarget.matches(":focus-visible")) rest(event.currentTarget, 0);
    },
    onBlur: (event) => {
      own.onBlur?.(event);
      leave();
    },
  };
  return { anchor, leave, handlers };
}

interface BubbleProps {
  id: string;
  anchor: HTMLElement;
  side: Side;
  onEscape: () => void;
  children: ReactNode;
}

/** A popover, so that it lies above open dialogs too. */
function Bubble({ id, anchor, side, onEscape, children }: BubbleProps) {
  const bubble = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = bubble.current;
    if (element === null) return;
    element.showPopover?.();
    const { left, top } = place(anchor.getBoundingClientRect(), element.getBoundingClientRect(), side);
    element.style.left = `${left}px`;
    element.style.top = `${top}px`;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape") onEscape();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [onEscape]);
  return createPortal(
    <div ref={bubble} id={id} role="tooltip" popover="manual" className={styles.tooltip}>
      {children}
    </div>,
    document.body,
  );
}

const GAP = 6;
const MARGIN = 8;

type Box = Pick<DOMRect, "left" | "top" | "right" | "bottom" | "width" | "height">;

/**
 * Where a bubble goes: at the wished side, at the other one when there is no room, and never out of the
 * window.
 */
export function place(
  anchor: Box,
  bubble: Box,
  side: Side,
  window: { innerWidth: number; innerHeight: number } = globalThis.window,
) {
  const { innerWidth: width, innerHeight: height } = window;
  const middle = {
    left: (anchor.left + anchor.right - bubble.width) / 2,
    top: (anchor.top + anchor.bottom - bubble.height) / 2,
  };
  const above = anchor.top - GAP - bubble.height;
  const below = anchor.bottom + GAP;
  const before = anchor.left - GAP - bubble.width;
  const after = anchor.right + GAP;
  const fitsBelow = below + bubble.height + MARGIN <= height;
  const fitsAfter = after + bubble.width + MARGIN <= width;
  const wished = {
    top: { ...middle, top: above >= MARGIN ? above : below },
    bottom: { ...middle, top: fitsBelow ? below : above },
    left: { ...middle, left: before >= MARGIN ? before : after },
    right: { ...middle, left: fitsAfter ? after : before },
  }[side];
  const within = (value: number, size: number, limit: number) =>
    Math.max(MARGIN, Math.min(value, limit - size - MARGIN));
  return { left: within(wished.left, bubble.width, width), top: within(wished.top, bubble.height, height) };
}
