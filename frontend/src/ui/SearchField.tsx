import { Search } from "lucide-react";
import { useId } from "react";

import styles from "./SearchField.module.css";

export interface SearchFieldProps {
  /** Read aloud, and shown as long as nothing is typed. */
  label: string;
  value: string;
  onChange: (value: string) => void;
  suggestions?: readonly string[];
}

/** What a list is narrowed to by a part of a word. */
export function SearchField({ label, value, onChange, suggestions }: SearchFieldProps) {
  const id = useId();
  return (
    <label className={styles.search}>
      <Search size={15} aria-hidden />
      <span className="visually-hidden">{label}</span>
      <input
        type="search"
        placeholder={label}
        value={value}
        autoComplete="off"
        {...(suggestions && { list: id })}
        onChange={(event) => onChange(event.target.value)}
      />
      {suggestions && (
        <datalist id={id}>
          {suggestions.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      )}
    </label>
  );
}
