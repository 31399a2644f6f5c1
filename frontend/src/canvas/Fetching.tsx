import styles from "./Stage.module.css";

export interface FetchingProps {
  frame: number;
  /** Why it could not be fetched; null while it is being fetched. */
  failure: string | null;
  onRetry: () => void;
}

/** The frame on show is not there yet. */
export function Fetching({ frame, failure, onRetry }: FetchingProps) {
  if (failure === null) {
    return (
      <p className={styles.fetching} role="status">
        Fetching frame {frame + 1}
      </p>
    );
  }
  return (
    <p className={styles.failed} role="alert">
      Frame {frame + 1} could not be fetched: {failure} Your work is safe.
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </p>
  );
}
