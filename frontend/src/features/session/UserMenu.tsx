import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound, LogOut, MonitorSmartphone } from "lucide-react";
import { useId, useState } from "react";

import { signOut } from "@/api/session";
import { sessionQuery, useSession, useUser } from "@/api/useSession";
import { Button, ErrorNote } from "@/ui";

import { PasswordDialog } from "./PasswordDialog";
import { SessionsDialog } from "./SessionsDialog";
import styles from "./UserMenu.module.css";

export function UserMenu() {
  const user = useUser();
  const { version } = useSession();
  const client = useQueryClient();
  const menu = useId();
  const [open, setOpen] = useState<"password" | "sessions">();
  const close = () => setOpen(undefined);
  const leave = useMutation({
    mutationFn: signOut,
    // The next session is asked for anew: it also brings the next CSRF cookie.
    onSuccess: () => client.resetQueries(sessionQuery),
  });
  const name = user.full_name || user.username;
  return (
    <>
      <button type="button" className={styles.badge} popoverTarget={menu} aria-label={`${name}: account`}>
        {initials(name)}
      </button>
      <div id={menu} popover="auto" className={styles.menu}>
        <p className={styles.name}>{name}</p>
        <p className={styles.quiet}>{user.username}</p>
        {leave.error && <ErrorNote error={leave.error} />}
        <Button
          icon={KeyRound}
          small
          popoverTarget={menu}
          popoverTargetAction="hide"
          onClick={() => setOpen("password")}
        >
          Change password
        </Button>
        <Button
          icon={MonitorSmartphone}
          small
          popoverTarget={menu}
          popoverTargetAction="hide"
          onClick={() => setOpen("sessions")}
        >
          Where you are signed in
        </Button>
        <Button icon={LogOut} small onClick={() => leave.mutate()} busy={leave.isPending && "Signing out"}>
          Sign out
        </Button>
        <p className={styles.quiet}>Maskloop {version}</p>
      </div>
      {open === "password" && <PasswordDialog username={user.username} onClose={close} />}
      {open === "sessions" && <SessionsDialog onClose={close} />}
    </>
  );
}

/** "Ana Maria Soto" → "AS", "ana" → "A". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ""]
    .map((word) => word?.charAt(0).toUpperCase())
    .join("");
}
