import { useQuery } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";

import { getWeakPlaces } from "@/api/candidates";
import { keys } from "@/api/keys";
import type { Project, WeakPlace, WeakReason } from "@/api/models";
import { Chip, EmptyState, ErrorNote, FilterChips, Thumbnail, Working } from "@/ui";

import styles from "./WeakPlaces.module.css";
import { WEAK_WORDS } from "./words";

/** Where SAM 2 did worst, as told from what people had to do about it; the worst first. */
export function WeakPlaces({ project }: { project: Project }) {
  const [reason, setReason] = useState<WeakReason>();
  const { data, error } = useQuery({
    queryKey: [...keys.weakPlaces(project.id), reason],
    queryFn: () => getWeakPlaces(project.id, reason),
    placeholderData: (before) => before,
  });
  if (error) return <ErrorNote title="The weak places could not be loaded" error={error} />;
  if (!data) return <Working fill>Looking for what people had to correct</Working>;
  const reasons = Object.keys(data.counts) as WeakReason[];
  if (reasons.length === 0)
    return (
      <EmptyState icon={Sparkles} title="No weak place is known">
        What annotators correct, what reviewers send back, and masks that are likely wrong appear here, the
        worst first. A retraining can let them weigh more.
      </EmptyState>
    );
  return (
    <>
      <FilterChips
        label="Reason"
        options={reasons.map((value) => ({
          value,
          label: `${WEAK_WORDS[value].text} ${data.counts[value]}`,
        }))}
        value={reason}
        onChange={setReason}
      />
      <ul className={styles.places} aria-label="Weak places">
        {data.failures.map((place) => (
          <Place key={`${place.masklet} ${place.reason}`} place={place} />
        ))}
      </ul>
    </>
  );
}

function Place({ place }: { place: WeakPlace }) {
  const {
    object_id: number,
    label,
    video,
    video_name: name,
    reason,
    strength,
    weight,
    frame_idx: frame,
  } = place;
  return (
    <li className={styles.place}>
      <Thumbnail url={place.frame_url} size="large" />
      <div className={styles.words}>
        <Link to={`/videos/${video}`} className={styles.name}>
          {name}, object {number}
          {label && ` ${label}`}
        </Link>
        <span className={styles.quiet}>frame {frame + 1}</span>
        <Chip tone="doubt" title={WEAK_WORDS[reason].meaning}>
          {WEAK_WORDS[reason].text}
          {place.count > 1 && ` × ${place.count}`}
        </Chip>
        <span className={styles.bar} title={`Strength ${strength.toFixed(2)} of 1`}>
          <span style={{ width: `${100 * strength}%` }} />
        </span>
        <span className={styles.quiet}>weighs {weight.toFixed(1)} in a retraining</span>
      </div>
    </li>
  );
}
