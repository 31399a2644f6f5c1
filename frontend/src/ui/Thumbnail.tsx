import { Film } from "lucide-react";
import { useState } from "react";

import styles from "./Thumbnail.module.css";

/** A small picture of a video, 16:9, on the dark surround; a film sign when there is none (yet). */
export function Thumbnail({ url, size = "small" }: { url: string | null; size?: "small" | "large" }) {
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <span className={`${styles.frame} ${styles[size]}`}>
      {url !== null && url !== broken ? (
        <img src={url} alt="" loading="lazy" onError={() => setBroken(url)} />
      ) : (
        <Film size={size === "small" ? 16 : 28} strokeWidth={1.5} aria-hidden />
      )}
    </span>
  );
}
