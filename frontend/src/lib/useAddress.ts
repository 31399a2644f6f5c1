import { useSearchParams } from "react-router";

export interface Address {
  params: URLSearchParams;
  /**
   * Puts a value into the address, or takes it out; the way back does not go through it.
   * At once, for somebody may be typing.
   */
  set: (name: string, value: string | undefined) => void;
  /** Leaves `params` alone in the address. */
  replace: (params: Record<string, string>) => void;
}

/** What a page is narrowed to, kept in its address so that it can be sent to others. */
export function useAddress(): Address {
  const [params, setParams] = useSearchParams();
  return {
    params,
    set: (name, value) =>
      setParams(
        (before) => {
          if (value) before.set(name, value);
          else before.delete(name);
          return before;
        },
        { replace: true, flushSync: true },
      ),
    replace: (only) => setParams(only, { replace: true }),
  };
}
