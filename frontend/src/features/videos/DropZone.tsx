import { Upload } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";

import styles from "./DropZone.module.css";

/** The whole window takes dropped files; while they hover it says where they will go. */
export function DropZone({ name, onFiles }: { name: string; onFiles: (files: File[]) => void }) {
  const [hovering, setHovering] = useState(false);
  const drop = useEffectEvent((files: File[]) => onFiles(files));

  useEffect(() => {
    const stop = new AbortController();
    // dragenter and dragleave fire for every element that is crossed, so they are counted.
    let depth = 0;
    const on = (type: "dragenter" | "dragleave" | "dragover" | "drop", handle: (event: DragEvent) => void) =>
      window.addEventListener(
        type,
        (event) => {
          if (!event.dataTransfer?.types.includes("Files")) return;
          event.preventDefault();
          handle(event);
          setHovering(depth > 0);
        },
        { signal: stop.signal },
      );
    on("dragenter", () => void depth++);
    on("dragleave", () => void depth--);
    on("dragover", () => undefined);
    on("drop", (event) => {
      depth = 0;
      drop([...(event.dataTransfer?.files ?? [])]);
    });
    return () => stop.abort();
  }, []);

  if (!hovering) return null;
  return (
    <div className={styles.zone}>
      <Upload size={28} aria-hidden />
      Drop to upload to {name}
    </div>
  );
}
