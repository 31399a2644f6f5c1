import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from "react";

import styles from "./Field.module.css";

interface FieldLook {
  label: string;
  hint?: ReactNode;
  /** What is wrong with it, as a sentence. */
  problem?: string | undefined;
}

export function TextField({
  label,
  hint,
  problem,
  ...rest
}: FieldLook & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field {...{ label, hint, problem }}>
      {(names) => <input {...rest} {...names} className={styles.input} />}
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  problem,
  ...rest
}: FieldLook & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Field {...{ label, hint, problem }}>
      {(names) => <textarea rows={3} {...rest} {...names} className={styles.area} />}
    </Field>
  );
}

export function SelectField({
  label,
  hint,
  problem,
  children,
  ...rest
}: FieldLook & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field {...{ label, hint, problem }}>
      {(names) => (
        <select {...rest} {...names} className={styles.input}>
          {children}
        </select>
      )}
    </Field>
  );
}

interface Names {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

function Field({ label, hint, problem, children }: FieldLook & { children: (names: Names) => ReactNode }) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-describedby": note ? `${id}-note` : undefined,
        "aria-invalid": problem ? true : undefined,
      })}
      {note && (
        <p id={`${id}-note`} className={problem ? styles.problem : styles.hint}>
          {note}
        </p>
      )}
    </div>
  );
}
