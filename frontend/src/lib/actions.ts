/** An action is data: what it is called, its keys, whether it may run now, and what it does. */

export interface Action {
  /** Stable name, e.g. "propagate-forward". */
  name: string;
  /** What people read in the tooltip and in the key overview. */
  label: string;
  /** Such as "F", "Shift+F", "Ctrl+Z", "Space", "ArrowLeft", "?" . Any of them triggers the action. */
  keys: readonly string[];
  /** Heading in the key overview. */
  group?: string;
  /** Why it cannot run now; `undefined` when it can. */
  disabled?: string | undefined;
  perform: (event?: KeyboardEvent) => void;
  /** Called when the key goes up again: for tools that are held. */
  release?: () => void;
  /** Whether holding the key repeats the action. */
  repeats?: boolean;
}

/** `true` when the keyboard event is that of `key` ("Ctrl+Z" means Command on a Mac too). */
export function matchesKey(event: KeyboardEvent, key: string): boolean {
  const parts = key.split("+");
  const main = parts.pop() || "+";
  const wants = (modifier: string) => parts.includes(modifier);
  const isSign = main.length === 1 && !/[a-z0-9]/i.test(main);
  // Some keyboards write a sign such as [ with AltGr, which counts as Ctrl and Alt.
  if (isSign && event.getModifierState("AltGraph")) return event.key === main;
  if (wants("Ctrl") !== (event.ctrlKey || event.metaKey)) return false;
  if (wants("Alt") !== event.altKey) return false;
  // A sign such as ? needs Shift on some keyboards and not on others.
  if (!isSign && wants("Shift") !== event.shiftKey) return false;
  // With Shift a digit's key writes a sign, another one on each keyboard.
  if (wants("Shift") && /^[0-9]$/.test(main)) return event.code === `Digit${main}`;
  const pressed = event.key === " " ? "Space" : event.key;
  return pressed.toLowerCase() === main.toLowerCase();
}

/** `true` where keys belong to what is being typed or chosen. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("dialog[open]") !== null) return true;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "range", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Runs the first action that the event belongs to. */
export function dispatchKey(actions: readonly Action[], event: KeyboardEvent): boolean {
  if (event.defaultPrevented || isTyping(event.target)) return false;
  const action = actions.find(({ keys }) => keys.some((key) => matchesKey(event, key)));
  if (action === undefined) return false;
  // Enter and Space belong to a focused button or link.
  if (
    (event.key === "Enter" || event.key === " ") &&
    event.target instanceof Element &&
    event.target.closest("button, a, summary")
  ) {
    return false;
  }
  event.preventDefault();
  if (action.disabled !== undefined || (event.repeat && !action.repeats)) return true;
  action.perform(event);
  return true;
}

const SIGNS: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Enter: "⏎",
  Escape: "Esc",
  Backspace: "⌫",
};

/** "Shift+ArrowLeft" → ["Shift", "←"]. */
export const keyCaps = (key: string): string[] =>
  key === "+"
    ? ["+"]
    : key.split("+").map((part) => SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part));
