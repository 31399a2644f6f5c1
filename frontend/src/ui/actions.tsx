import {
  createContext,
  useContext,
  useEffect,
  useEffectEvent,
  useId,
  useMemo,
  useState,
  type ReactNode,
} from "react";

import { dispatchKey, matchesKey, type Action } from "@/lib/actions";

interface Registry {
  /** What can be done on the page that is shown, for the key overview. */
  actions: readonly Action[];
  register: (owner: string, actions: readonly Action[]) => void;
  forget: (owner: string) => void;
}

const ActionsContext = createContext<Registry | null>(null);

export function ActionsProvider({ children }: { children: ReactNode }) {
  const [byOwner, setByOwner] = useState<ReadonlyMap<string, readonly Action[]>>(new Map());
  const registry = useMemo<Registry>(
    () => ({
      actions: [...byOwner.values()].flat(),
      register: (owner, actions) => setByOwner((before) => new Map(before).set(owner, actions)),
      forget: (owner) => setByOwner((before) => new Map([...before].filter(([other]) => other !== owner))),
    }),
    [byOwner],
  );
  return <ActionsContext value={registry}>{children}</ActionsContext>;
}

export function useRegisteredActions(): readonly Action[] {
  return useContext(ActionsContext)?.actions ?? [];
}

/**
 * Binds the keys of `actions` while the component is shown and lists them under "?".
 * The list may be made anew on every render; the listing follows its names and keys only.
 */
export function useActions(actions: readonly Action[]): void {
  const registry = useContext(ActionsContext);
  const owner = useId();
  const listing = actions
    .map(({ name, label, keys, group }) => [name, label, keys.join(" "), group].join("\t"))
    .join("\n");

  const publish = useEffectEvent(() => registry?.register(owner, actions));
  const withdraw = useEffectEvent(() => registry?.forget(owner));
  useEffect(() => {
    publish();
    return () => withdraw();
  }, [listing]);

  const press = useEffectEvent((event: KeyboardEvent) => void dispatchKey(actions, event));
  const release = useEffectEvent((event: KeyboardEvent) => {
    for (const action of actions) {
      if (action.release && action.keys.some((key) => matchesKey(event, key))) action.release();
    }
  });
  useEffect(() => {
    const down = (event: KeyboardEvent) => press(event);
    const up = (event: KeyboardEvent) => release(event);
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
    };
  }, []);
}
