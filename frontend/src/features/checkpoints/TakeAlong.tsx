import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";

import { keys } from "@/api/keys";
import { exportCheckpoint } from "@/api/loop";
import type { Checkpoint } from "@/api/models";
import { Button, ErrorNote, Working } from "@/ui";

import styles from "./loop.module.css";

/** The checkpoint's files as `transformers` reads them, and its model card. */
export function TakeAlong({ checkpoint }: { checkpoint: Checkpoint }) {
  const [wanted, setWanted] = useState(false);
  const { data, error } = useQuery({
    queryKey: [...keys.checkpoints, checkpoint.id, "export"],
    queryFn: () => exportCheckpoint(checkpoint.id),
    enabled: wanted,
  });
  if (!wanted) {
    return (
      <div>
        <Button small icon={Download} onClick={() => setWanted(true)}>
          Take it along
        </Button>
      </div>
    );
  }
  if (error) return <ErrorNote title="It could not be exported" error={error} />;
  if (!data) return <Working>Making links</Working>;
  const card = URL.createObjectURL(new Blob([data.model_card], { type: "text/markdown" }));
  return (
    <ul className={styles.list} aria-label="Files for transformers">
      {Object.entries({ ...data.files, "README.md": card }).map(([name, link]) => (
        <li key={name}>
          <a href={link} download={name}>
            {name}
          </a>
        </li>
      ))}
      <li className={styles.quiet}>
        Put them into one folder: Sam2VideoModel.from_pretrained reads it. SHA-256 {data.sha256.slice(0, 12)}…
      </li>
    </ul>
  );
}
