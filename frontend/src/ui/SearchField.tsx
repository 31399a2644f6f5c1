import { Search } from "lucide-react";
import { useId, useState } from "react";

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
  // An address follows later than one types: what is typed is kept here until the field is left.
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <label className={styles.search}>
      <Search size={15} aria-hidden />
      <span className="visually-hidden">{label}</span>
      <input
        type="search"
        placeholder={label}
        value={typed ?? value}
        autoComplete="off"
        {...(suggestions && { list: id })}
        onBlur={() => setTyped(null)}
        onChange={({ target }) => {
          setTyped(target.value);
          onChange(target.value);
        }}
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
