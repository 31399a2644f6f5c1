import { useQuery } from "@tanstack/react-query";

import { trainingLog } from "@/api/checkpoints";
import { keys } from "@/api/keys";
import type { Id } from "@/api/models";
import { Button, ErrorNote, LinePlot, Working } from "@/ui";

import { curves } from "./curves";
import styles from "./TrainingCurves.module.css";

/** How the loss fell and the validation rose. While the run is under way they grow. */
export function TrainingCurves({ run, live }: { run: Id; live: boolean }) {
  const { data, error, refetch } = useQuery({
    // Another name when it has ended, so that the last lines are fetched too.
    queryKey: [...keys.runs, run, "log", { live }],
    queryFn: () => trainingLog(run),
    refetchInterval: live ? 3000 : false,
    placeholderData: (before) => before,
  });
  if (error) {
    return (
      <ErrorNote title="The training’s curves could not be loaded" error={error}>
        <Button small onClick={() => void refetch()}>
          Try again
        </Button>
      </ErrorNote>
    );
  }
  if (!data) return <Working>Loading the curves</Working>;
  const { loss, validation } = curves(data);
  if (loss.length === 0) return live ? null : <p className={styles.quiet}>This retraining kept no curves.</p>;
  return (
    <div className={styles.curves}>
      <LinePlot title="Loss" along="step" series={loss} />
      {validation.length > 0 ? (
        <LinePlot title="IoU on footage kept aside" along="step" series={validation} />
      ) : (
        <p className={styles.quiet}>
          {live ? "The first validation is still to come." : "Nothing was kept aside to validate on."}
        </p>
      )}
    </div>
  );
}
