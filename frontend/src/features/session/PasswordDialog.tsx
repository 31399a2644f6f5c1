import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { changePassword } from "@/api/session";
import { Button, Dialog, ErrorNote, TextField } from "@/ui";

export function PasswordDialog({ username, onClose }: { username: string; onClose: () => void }) {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({ mutationFn: () => changePassword(current, password), onSuccess: onClose });
  const differ = again !== "" && again !== password;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!differ) change.mutate();
  };
  return (
    <Dialog title="Change your password" onClose={onClose}>
      <form onSubmit={submit}>
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <TextField label="Current password" type="password" required autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />
        <TextField label="New password" type="password" required autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        <TextField label="The new one again" type="password" required autoComplete="new-password" value={again} onChange={(event) => setAgain(event.target.value)} />
        {differ && <p role="alert">The two new passwords differ.</p>}
        <p>You stay signed in here. Everywhere else you are signed out.</p>
        {change.error && <ErrorNote error={change.error} />}
        <Button variant="primary" type="submit" disabledReason={differ ? "The two new passwords differ." : undefined} busy={change.isPending && "Changing"}>
          Change password
        </Button>
      </form>
    </Dialog>
  );
}
