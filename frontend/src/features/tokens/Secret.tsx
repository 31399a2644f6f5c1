import { Check, Copy } from "lucide-react";
import { useState } from "react";

import type { NewToken } from "@/api/models";
import { Button } from "@/ui";

import styles from "./TokensPage.module.css";

/** The one time that a token can be read. */
export function Secret({ token, onDone }: { token: NewToken; onDone: () => void }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(token.secret);
    setCopied(true);
  };
  return (
    <div className={styles.secret} role="status">
      <p>
        <strong>{token.name}</strong> is made. Copy it now: nobody can read it again, only make another.
      </p>
      <code className={styles.value}>{token.secret}</code>
      <div>
        <Button icon={copied ? Check : Copy} onClick={() => void copy()}>
          {copied ? "Copied" : "Copy"}
        </Button>{" "}
        <Button variant="quiet" onClick={onDone}>
          I have it
        </Button>
      </div>
    </div>
  );
}
