import { Button } from "./Button";
import { ErrorNote, Working } from "./Notes";

export interface FetchedProps {
  /** What is fetched, with its article: "the videos". */
  what: string;
  error: Error | null;
  /** Whether there is something to show already. */
  there: boolean;
  onRetry: () => void;
}

/** Says that something is still on its way, or why it did not come. Nothing once it is there. */
export function Fetched({ what, error, there, onRetry }: FetchedProps) {
  if (error)
    return (
      <ErrorNote title={`${what[0]?.toUpperCase()}${what.slice(1)} could not be loaded`} error={error}>
        <Button small onClick={onRetry}>
          Try again
        </Button>
      </ErrorNote>
    );
  return there ? null : <Working fill>Loading {what}</Working>;
}
