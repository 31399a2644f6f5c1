import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState, type FormEvent } from "react";

import { fieldProblem } from "@/api/client";
import { keys } from "@/api/keys";
import type { NewToken, Project, Role } from "@/api/models";
import { createToken } from "@/api/tokens";
import { Button, ErrorNote, SelectField, TextField } from "@/ui";

import styles from "./TokensPage.module.css";

const DAYS = [7, 30, 90, 365];

export function NewTokenForm({ project, onMade }: { project: Project; onMade: (token: NewToken) => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>(project.roles[0]);
  const [days, setDays] = useState(90);
  const make = useMutation({
    mutationFn: () => createToken(project.id, { name: name.trim(), role, days }),
    onSuccess: (token) => {
      setName("");
      onMade(token);
      return client.invalidateQueries({ queryKey: keys.tokens(project.id) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const problem = fieldProblem(make.error, "name");
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField
        label="What it is for"
        placeholder="nightly export"
        problem={problem}
        required
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <SelectField label="Role" value={role} onChange={(event) => setRole(event.target.value as Role)}>
        {project.roles.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </SelectField>
      <SelectField label="Good for" value={days} onChange={(event) => setDays(Number(event.target.value))}>
        {DAYS.map((each) => (
          <option key={each} value={each}>
            {each} days
          </option>
        ))}
      </SelectField>
      <Button variant="primary" type="submit" icon={KeyRound} busy={make.isPending && "Making"}>
        Make a token
      </Button>
      {make.error && !problem && <ErrorNote error={make.error} />}
    </form>
  );
}
