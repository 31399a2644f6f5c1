import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";

import { Button } from "./Button";

import styles from "./RestoreButton.module.css";

interface RestoreButtonProps {
  name: string;
  restore: () => Promise<unknown>;
  /** What is asked for again afterwards. */
  changes: readonly QueryKey[];
}

/** Takes something out of the bin, and says why where it cannot. */
export function RestoreButton({ name, restore, changes }: RestoreButtonProps) {
  const client = useQueryClient();
  const restoring = useMutation({
    mutationFn: restore,
    onSettled: () => Promise.all(changes.map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  return (
    <>
      {restoring.error && (
        <span role="alert" className={styles.failed}>
          {restoring.error.message}
        </span>
      )}
      <Button
        small
        icon={RotateCcw}
        aria-label={`Restore ${name}`}
        onClick={() => restoring.mutate()}
        busy={restoring.isPending && "Restoring"}
      >
        Restore
      </Button>
    </>
  );
}
