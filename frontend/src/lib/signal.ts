import { useSyncExternalStore } from "react";

/** Tells those who draw that there is something new to draw. */
export class Signal {
  private count = 0;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): number => this.count;

  emit(): void {
    this.count++;
    for (const listener of this.listeners) listener();
  }
}

/** Renders again whenever `signal` is emitted. */
export const useSignal = (signal: Signal): number => useSyncExternalStore(signal.subscribe, signal.read);

/** A value that changes as a whole, and those who watch it. */
export class Store<T extends object> {
  private value: T;
  private readonly listeners = new Set<() => void>();

  constructor(value: T) {
    this.value = value;
  }

  readonly read = (): T => this.value;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(change: Partial<T>): void {
    this.value = { ...this.value, ...change };
    for (const listener of this.listeners) listener();
  }
}

export const useStore = <T extends object>(store: Store<T>): T =>
  useSyncExternalStore(store.subscribe, store.read);
