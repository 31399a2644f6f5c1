import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Lock } from "lucide-react";
import { useState, type FormEvent } from "react";

import { fieldProblem } from "@/api/client";
import { keys } from "@/api/keys";
import type { Project, ProjectChange } from "@/api/models";
import { changeProject } from "@/api/projects";
import { Button, ButtonLink, EmptyState, ErrorNote, Section, TextArea, TextField } from "@/ui";

import { AttributeList } from "./AttributeList";
import { LabelList } from "./LabelList";
import { PhaseCards } from "./PhaseCards";
import { Policies } from "./Policies";
import { RemoveProject } from "./RemoveProject";
import { ReviewPolicySection } from "./ReviewPolicySection";
import styles from "./SettingsPage.module.css";
import { UsageBars } from "./UsageBars";

export function SettingsPage({ project }: { project: Project }) {
  if (!project.roles.includes("owner"))
    return (
      <EmptyState
        icon={Lock}
        title="The settings are the owners’"
        action={<ButtonLink to="..">Go to the videos</ButtonLink>}
      >
        Only owners of this project change how it works. Ask one of them.
      </EmptyState>
    );
  return (
    <>
      <Section title="Settings" level={1}>
        <SettingsForm project={project} />
      </Section>
      <ReviewPolicySection project={project.id} />
      <LabelList project={project.id} />
      <AttributeList project={project.id} />
      <UsageBars project={project.id} />
      <RemoveProject project={project} />
    </>
  );
}

function SettingsForm({ project }: { project: Project }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<ProjectChange>({});
  const wanted = { ...project, ...draft };
  const change = changed(project, draft);
  const save = useMutation({
    mutationFn: (what: ProjectChange) => changeProject(project.id, what),
    onSuccess: (saved) => {
      client.setQueryData(keys.project(project.id), saved);
      void client.invalidateQueries({ queryKey: keys.projects });
      setDraft({});
    },
  });
  const set = (what: ProjectChange) => {
    save.reset();
    setDraft((before) => ({ ...before, ...what }));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(change);
  };
  const problem = fieldProblem(save.error, "name");
  const clean = Object.keys(change).length === 0;
  return (
    <form className={styles.form} onSubmit={submit}>
      <div className="stack">
        <TextField
          label="Name"
          required
          maxLength={120}
          value={wanted.name}
          problem={problem}
          onChange={(event) => set({ name: event.target.value })}
        />
        <TextArea
          label="What is it for?"
          value={wanted.description}
          onChange={(event) => set({ description: event.target.value })}
        />
      </div>
      <PhaseCards phase={wanted.phase} onChange={(phase) => set({ phase })} />
      <Policies
        selection={wanted.separate_selection}
        verification={wanted.separate_verification}
        exportsFor={wanted.exports_for}
        onChange={set}
      />
      {save.error && !problem && <ErrorNote title="The settings were not saved" error={save.error} />}
      <div className={styles.save}>
        <Button
          variant="primary"
          type="submit"
          busy={save.isPending && "Saving"}
          disabledReason={clean ? "Everything is saved as it stands here" : undefined}
        >
          Save
        </Button>
        {!clean && (
          <Button variant="quiet" onClick={() => setDraft({})}>
            Discard changes
          </Button>
        )}
        <span role="status" className={styles.saved}>
          {save.isSuccess && clean && (
            <>
              <Check size={15} aria-hidden /> Saved
            </>
          )}
        </span>
      </div>
    </form>
  );
}

/** What of the draft differs from the project as it is. */
export function changed(project: Project, draft: ProjectChange): ProjectChange {
  const tidy = {
    ...draft,
    ...(draft.name !== undefined && { name: draft.name.trim() }),
    ...(draft.description !== undefined && { description: draft.description.trim() }),
  };
  return Object.fromEntries(
    Object.entries(tidy).filter(([name, value]) => project[name as keyof ProjectChange] !== value),
  );
}
