import styles from "./ChosenBar.module.css";

/** Why the chosen videos are as they were. */
export const Failed = ({ error }: { error: Error | null }) =>
  error && (
    <span role="alert" className={styles.failed}>
      {error.message}
    </span>
  );
