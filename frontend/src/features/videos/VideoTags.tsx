import { X } from "lucide-react";

import { Written } from "@/describe/Written";
import { IconButton } from "@/ui";

import styles from "./VideoInDatasets.module.css";

/** What a video shows, in words of one's own. */
export function VideoTags({
  tags,
  onChange,
}: {
  tags: readonly string[];
  onChange: (tags: string[]) => void;
}) {
  return (
    <div className={styles.list}>
      {tags.length > 0 && (
        <ul className={styles.tags} aria-label="Tags of the video">
          {tags.map((tag) => (
            <li key={tag} className={styles.tag}>
              <span>{tag}</span>
              <IconButton
                icon={X}
                size={14}
                label={`Take back ${tag}`}
                onClick={() => onChange(tags.filter((kept) => kept !== tag))}
              />
            </li>
          ))}
        </ul>
      )}
      <Written
        label="Tag of the video"
        visible
        value=""
        hint="rain, night …"
        longest={60}
        onSay={(tag) => onChange([...new Set([...tags, tag])])}
      />
    </div>
  );
}
