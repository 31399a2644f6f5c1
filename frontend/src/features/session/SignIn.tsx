import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { signIn } from "@/api/session";
import { sessionQuery } from "@/api/useSession";
import { useTitle } from "@/lib/useTitle";
import { Button, ErrorNote, TextField } from "@/ui";

import styles from "./SignIn.module.css";

export function SignIn() {
  const client = useQueryClient();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  useTitle("Sign in");
  const enter = useMutation({
    mutationFn: () => signIn(username, password),
    onSuccess: (session) => {
      // What another person saw is not for this one.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
      client.setQueryData(sessionQuery.queryKey, session);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={submit}>
        <h1 className={styles.title}>Maskloop</h1>
        <p className={styles.lead}>Sign in to go on.</p>
        <TextField
          label="User name"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          required
          // The form is the page: there is nothing before it to read.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {enter.error && <ErrorNote error={enter.error} />}
        <Button type="submit" variant="primary" busy={enter.isPending && "Signing in"}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
