import { useQuery } from "@tanstack/react-query";
import { Gavel, ScanSearch, ShieldCheck } from "lucide-react";

import { getCoverageSummary } from "@/api/coverage";
import { keys } from "@/api/keys";
import type { Project } from "@/api/models";
import { getAgreement, getVerification, listEscalated } from "@/api/verification";
import { formatAgo, plural } from "@/lib/format";
import { ButtonLink, EmptyState, ErrorNote, Progress, Section, Working } from "@/ui";

import { AgreementSection } from "./AgreementSection";
import styles from "./QualityPage.module.css";
import { RatesSection } from "./RatesSection";
import { ReviewersSection } from "./ReviewersSection";

/** How well verification works: what waits for an owner, rates, agreement, and how reviewers answer. */
export function QualityPage({ project }: { project: Project }) {
  const id = project.id;
  const verification = useQuery({
    queryKey: [...keys.quality(id), "rates"],
    queryFn: () => getVerification(id),
  });
  const agreement = useQuery({
    queryKey: [...keys.quality(id), "agreement"],
    queryFn: () => getAgreement(id),
  });
  const nothing = verification.data?.rates.all.length === 0;
  return (
    <>
      <Escalated project={project} />
      <CoverageNote project={id} />
      {verification.error && <ErrorNote title="The figures could not be loaded" error={verification.error} />}
      {!verification.data && !verification.error && <Working fill>Adding up the verdicts</Working>}
      {nothing && (
        <EmptyState icon={ShieldCheck} title="No verdicts yet">
          Once reviewers have looked at masklets, this page says how often they were right at first sight, how
          far reviewers agree, and what verification costs.
        </EmptyState>
      )}
      {verification.data && !nothing && <RatesSection project={id} data={verification.data} />}
      {agreement.error && <ErrorNote title="Agreement could not be worked out" error={agreement.error} />}
      {agreement.data && <AgreementSection data={agreement.data} />}
      <ReviewersSection project={id} />
    </>
  );
}

function CoverageNote({ project }: { project: number }) {
  const { data } = useQuery({
    queryKey: keys.coverageOf(project),
    queryFn: () => getCoverageSummary(project),
  });
  if (!data || data.videos === 0) return null;
  return (
    <Section title="Are all objects found?">
      <div className={styles.row}>
        <Progress
          label={`${data.complete + data.missing} of ${plural(data.videos, "video")} asked about, ${data.missing} with an object missing`}
          done={data.complete + data.missing}
          total={data.videos}
        />
        {data.next !== null && (
          <ButtonLink small icon={ScanSearch} to={`/videos/${data.next}/coverage`}>
            Look at the next video
          </ButtonLink>
        )}
      </div>
    </Section>
  );
}

function Escalated({ project }: { project: Project }) {
  const { data } = useQuery({
    queryKey: [...keys.quality(project.id), "escalated"],
    queryFn: () => listEscalated(project.id),
  });
  if (!data || data.length === 0) return null;
  return (
    <Section title="Waiting for an owner">
      <ul className={styles.escalated}>
        {data.map(({ id, video_name, object_id, label, updated_at }) => (
          <li key={id}>
            <span>
              <strong>{label || `Object ${object_id}`}</strong> of {video_name}, {formatAgo(updated_at)}
            </span>
            <ButtonLink small icon={Gavel} to={`/projects/${project.id}/decisions/${id}`}>
              Decide
            </ButtonLink>
          </li>
        ))}
      </ul>
    </Section>
  );
}
