import { useMutation } from "@tanstack/react-query";
import { useId, useState, type FormEvent } from "react";

import { changePassword } from "@/api/session";
import { Button, Dialog, ErrorNote, TextField } from "@/ui";

export function PasswordDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const form = useId();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({ mutationFn: () => changePassword(current, password), onSuccess: onClose });
  const problem = again !== "" && again !== password ? "The two new passwords differ." : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!problem) change.mutate();
  };
  return (
    <Dialog
      title="Change your password"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            type="submit"
            form={form}
            disabledReason={problem}
            busy={change.isPending && "Changing"}
          >
            Change password
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="stack">
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <TextField
          label="Current password"
          type="password"
          required
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <TextField
          label="New password"
          type="password"
          required
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <TextField
          label="The new one again"
          problem={problem}
          type="password"
          required
          autoComplete="new-password"
          value={again}
          onChange={(event) => setAgain(event.target.value)}
        />
        <p>You stay signed in here. Everywhere else you are signed out.</p>
        {change.error && <ErrorNote error={change.error} />}
      </form>
    </Dialog>
  );
}
