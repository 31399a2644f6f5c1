import { Copy, Check } from "lucide-react";
import { useState } from "react";

import { IconButton } from "@/ui";

import styles from "./ReleaseCard.module.css";

export function CopyHash({ sha256 }: { sha256: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(sha256);
    setCopied(true);
  };
  return (
    <span className={styles.hash}>
      <code title={`SHA-256 ${sha256}`}>{sha256.slice(0, 12)}…</code>
      <IconButton
        icon={copied ? Check : Copy}
        label={copied ? "Copied" : "Copy the SHA-256"}
        onClick={() => void copy()}
        onBlur={() => setCopied(false)}
      />
    </span>
  );
}
