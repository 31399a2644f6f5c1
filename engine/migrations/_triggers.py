"""What PostgreSQL itself holds, whoever speaks to it: ledgers that only grow, counts by status, releases without
probes, and the gate (engine/models/evaluation.py says it in words)."""

from django.db import migrations

LEDGERS = (
    "transition", "auditentry", "evaluationset", "evaluationitem", "trainingsource", "evaluation", "promotion",
)  # fmt: skip

ONLY_GROWS = """
CREATE FUNCTION maskloop_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: what was written there stays', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""
# For each statement, so that it is refused whatever rows it would have met; TRUNCATE has no other.
GUARD = """
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON engine_{noun}
    FOR EACH STATEMENT EXECUTE FUNCTION maskloop_only_grows();
ALTER TABLE engine_{noun} ENABLE ALWAYS TRIGGER only_grows;
"""

COUNT = """
CREATE FUNCTION engine_count_statuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO engine_statuscount (project_id, noun, status, n)
    SELECT project_id, TG_ARGV[0], status, count(*) FROM added GROUP BY project_id, status;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO engine_statuscount (project_id, noun, status, n)
    SELECT project_id, TG_ARGV[0], status, -count(*) FROM gone GROUP BY project_id, status;
  ELSE
    INSERT INTO engine_statuscount (project_id, noun, status, n)
    SELECT project_id, TG_ARGV[0], status, sum(n)
      FROM (SELECT project_id, status, 1 AS n FROM added UNION ALL SELECT project_id, status, -1 FROM gone) change
     GROUP BY project_id, status HAVING sum(n) <> 0;
  END IF;
  RETURN NULL;
END $$;
"""
COUNTED = """
CREATE TRIGGER {noun}_is_counted_when_added AFTER INSERT ON engine_{noun} REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION engine_count_statuses('{noun}');
CREATE TRIGGER {noun}_is_counted_when_changed AFTER UPDATE ON engine_{noun}
  REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION engine_count_statuses('{noun}');
CREATE TRIGGER {noun}_is_counted_when_removed AFTER DELETE ON engine_{noun} REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION engine_count_statuses('{noun}');
"""

# What people are measured by is never in a release.
NO_PROBE = """
CREATE FUNCTION maskloop_release_holds_no_probe() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added JOIN engine_masklet masklet ON masklet.id = added.masklet_id
              WHERE masklet.probe OR masklet.trial) THEN
    RAISE EXCEPTION 'a release holds no masklet that people or ways of working are measured by'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'release_holds_no_probe';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER release_holds_no_probe AFTER INSERT ON engine_releaseitem REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION maskloop_release_holds_no_probe();
"""

REFUSE = """
CREATE FUNCTION maskloop_refuse(sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation';
END $$;
"""

HASH = """
CREATE FUNCTION maskloop_evaluation_set_sha256(asked bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(string_agg(
               item.source_sha256 || ':' || masklet.object_id || ':' || revision.sha256, E'\\n'
               ORDER BY item.source_sha256 COLLATE "C", masklet.object_id, revision.sha256 COLLATE "C"
           ), 'UTF8')), 'hex')
      FROM engine_evaluationitem item
      JOIN engine_masklet masklet ON masklet.id = item.masklet_id
      JOIN engine_revision revision ON revision.id = item.revision_id
     WHERE item.evaluation_set_id = asked
$$;
"""

# Both sides take the same lock first, so that of two that meet the second sees the first.
UNSEEN = """
CREATE FUNCTION maskloop_training_sees_nothing_held_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1751477556, (NEW.project_id % 2147483647)::int);
    IF EXISTS (SELECT FROM engine_evaluationitem item JOIN engine_evaluationset s ON s.id = item.evaluation_set_id
                WHERE s.project_id = NEW.project_id AND item.source_sha256 = NEW.source_sha256) THEN
        PERFORM maskloop_refuse('This source is held out; no training of the project may see it.');
    END IF;
    IF NOT EXISTS (SELECT FROM engine_run WHERE id = NEW.run_id AND project_id = NEW.project_id) THEN
        PERFORM maskloop_refuse('A training names its own project.');
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION maskloop_held_out_was_never_seen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    this engine_evaluationset;
BEGIN
    SELECT * INTO this FROM engine_evaluationset WHERE id = NEW.evaluation_set_id;
    PERFORM pg_advisory_xact_lock(1751477556, (this.project_id % 2147483647)::int);
    IF EXISTS (SELECT FROM engine_trainingsource
                WHERE project_id = this.project_id AND source_sha256 = NEW.source_sha256) THEN
        PERFORM maskloop_refuse('A training of the project saw this source; it cannot judge any more.');
    END IF;
    IF (SELECT count(*) FROM engine_evaluationitem WHERE evaluation_set_id = this.id) >= this.item_count THEN
        PERFORM maskloop_refuse('This evaluation set is complete; it never changes.');
    END IF;
    IF NOT EXISTS (SELECT FROM engine_masklet masklet
                     JOIN engine_video video ON video.id = masklet.video_id
                     JOIN engine_revision revision ON revision.id = NEW.revision_id
                    WHERE masklet.id = NEW.masklet_id AND masklet.project_id = this.project_id
                      AND masklet.status = 'accepted' AND revision.masklet_id = masklet.id
                      AND video.source_sha256 = NEW.source_sha256) THEN
        PERFORM maskloop_refuse('Only an accepted masklet of the project, with its own source, is held out.');
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION maskloop_source_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'ready' AND NEW.source_sha256 IS DISTINCT FROM OLD.source_sha256 THEN
        PERFORM maskloop_refuse('The source of a video that is ready does not change.');
    END IF;
    RETURN NEW;
END $$;
"""

MEASURED = """
CREATE FUNCTION maskloop_evaluation_is_measured() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    this engine_evaluationset;
    asked engine_run;
    told record;
BEGIN
    SELECT * INTO this FROM engine_evaluationset WHERE id = NEW.evaluation_set_id;
    SELECT * INTO asked FROM engine_run WHERE id = NEW.run_id FOR SHARE;
    IF EXISTS (SELECT FROM engine_evaluationset WHERE project_id = this.project_id AND number > this.number) THEN
        PERFORM maskloop_refuse('This evaluation set was renewed.');
    END IF;
    IF (SELECT count(*) FROM engine_evaluationitem WHERE evaluation_set_id = this.id) <> this.item_count
       OR maskloop_evaluation_set_sha256(this.id) IS DISTINCT FROM this.sha256::text THEN
        PERFORM maskloop_refuse('The evaluation set is not what its hash says.');
    END IF;
    IF NEW.number <> 1 + (SELECT count(*) FROM engine_evaluation WHERE evaluation_set_id = this.id) THEN
        PERFORM maskloop_refuse('Attempts on an evaluation set are counted one by one.');
    END IF;
    IF NEW.number > this.attempts_allowed THEN
        PERFORM maskloop_refuse('This evaluation set has judged as many candidates as it may; renew it.');
    END IF;
    IF asked.status <> 'running' OR asked.kind NOT IN ('finetune', 'evaluate')
       OR asked.project_id <> this.project_id
       OR NOT EXISTS (SELECT FROM engine_checkpoint candidate
                       WHERE candidate.id = NEW.checkpoint_id AND candidate.project_id = this.project_id
                         AND (candidate.run_id = asked.id OR candidate.id = asked.candidate_id)) THEN
        PERFORM maskloop_refuse('A candidate is judged by a run of its own that is under way.');
    END IF;
    IF NEW.champion_id IS DISTINCT FROM (SELECT checkpoint_id FROM engine_promotion
                                          WHERE project_id = this.project_id ORDER BY number DESC LIMIT 1) THEN
        PERFORM maskloop_refuse('A candidate is judged beside the champion.');
    END IF;
    SELECT avg(after - before) AS gain, min(after - before) AS least, max(after - before) AS most,
           bool_and(coalesce(before BETWEEN 0 AND 1 AND after BETWEEN 0 AND 1, false)) AS sane,
           array_agg(source ORDER BY source) AS sources
      INTO told FROM jsonb_to_recordset(NEW.videos) AS video(source text, before float8, after float8);
    IF told.sane IS NOT TRUE OR told.sources IS DISTINCT FROM (
           SELECT array_agg(source ORDER BY source) FROM (
               SELECT DISTINCT source_sha256::text AS source FROM engine_evaluationitem
                WHERE evaluation_set_id = this.id) held) THEN
        PERFORM maskloop_refuse('Both are measured on every video of the set, and on no other.');
    END IF;
    IF abs(told.gain - NEW.gain) > 1e-6 OR NEW.gain_low < told.least - 1e-6 OR NEW.gain_high > told.most + 1e-6 THEN
        PERFORM maskloop_refuse('The gain is not what the videos say.');
    END IF;
    IF NOT NEW.guards ?& ARRAY['old_look', 'old_look_absence'] THEN
        PERFORM maskloop_refuse('What a candidate must not forget was not measured.');
    END IF;
    SELECT max(before - after - allowed) AS excess,
           bool_and(coalesce(before BETWEEN 0 AND 1 AND after BETWEEN 0 AND 1
                             AND allowed BETWEEN 0 AND 0.1, false)) AS sane
      INTO told FROM jsonb_each(NEW.guards) AS guard(name, said),
                     jsonb_to_record(said) AS figures(before float8, after float8, allowed float8);
    IF told.sane IS NOT TRUE THEN
        PERFORM maskloop_refuse('A guarded slice has no figures that make sense.');
    END IF;
    NEW.worst_excess := told.excess;
    RETURN NEW;
END $$;
"""

RULES = """
CREATE FUNCTION maskloop_promotion_keeps_the_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last engine_promotion;
    judged engine_evaluation;
    this engine_evaluationset;
BEGIN
    SELECT * INTO last FROM engine_promotion WHERE project_id = NEW.project_id ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1 OR NEW.former_id IS DISTINCT FROM last.checkpoint_id
       OR NEW.checkpoint_id IS NOT DISTINCT FROM last.checkpoint_id
       OR NOT EXISTS (SELECT FROM engine_checkpoint
                       WHERE id = NEW.checkpoint_id AND project_id = NEW.project_id) THEN
        PERFORM maskloop_refuse('A promotion follows the one before it, in its own project.');
    END IF;
    NEW.created_at := clock_timestamp();
    SELECT * INTO this FROM engine_evaluationset WHERE project_id = NEW.project_id ORDER BY number DESC LIMIT 1;
    CASE NEW.kind
    WHEN 'first' THEN
        IF last.id IS NOT NULL THEN
            PERFORM maskloop_refuse('This project has a champion already.');
        END IF;
    WHEN 'rollback' THEN
        IF NOT EXISTS (SELECT FROM engine_promotion
                        WHERE project_id = NEW.project_id AND checkpoint_id = NEW.checkpoint_id) THEN
            PERFORM maskloop_refuse('Only what was champion once comes back.');
        END IF;
    WHEN 'unjudged' THEN
        PERFORM pg_advisory_xact_lock(1751477556, (NEW.project_id % 2147483647)::int);
        IF EXISTS (SELECT FROM engine_evaluationset WHERE project_id = NEW.project_id) THEN
            PERFORM maskloop_refuse('This project has held-out masklets: a candidate passes the gate or stays out.');
        END IF;
        IF NOT EXISTS (SELECT FROM engine_membership
                        WHERE project_id = NEW.project_id AND user_id = NEW.actor_id AND role = 'owner') THEN
            PERFORM maskloop_refuse('Only an owner vouches for a candidate.');
        END IF;
    ELSE
        SELECT * INTO judged FROM engine_evaluation WHERE id = NEW.evaluation_id;
        IF judged.passed IS NOT TRUE OR judged.checkpoint_id <> NEW.checkpoint_id
           OR judged.champion_id IS DISTINCT FROM last.checkpoint_id
           OR judged.evaluation_set_id IS DISTINCT FROM this.id
           OR maskloop_evaluation_set_sha256(this.id) IS DISTINCT FROM this.sha256::text THEN
            PERFORM maskloop_refuse('The gate refuses this candidate.');
        END IF;
    END CASE;
    RETURN NEW;
END $$;
"""

CHAMPION = """
CREATE FUNCTION maskloop_checkpoint_is_what_was_judged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status = 'active' AND (
               EXISTS (SELECT FROM engine_checkpoint WHERE project_id = NEW.project_id)
               OR EXISTS (SELECT FROM engine_promotion WHERE project_id = NEW.project_id)) THEN
            PERFORM maskloop_refuse('A project begins with one champion; the others are promoted.');
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.project_id <> OLD.project_id OR NEW.run_id IS DISTINCT FROM OLD.run_id
       OR (NEW.location <> OLD.location AND (OLD.location <> '' OR OLD.status <> 'candidate')) THEN
        PERFORM maskloop_refuse('The weights of a checkpoint never change.');
    END IF;
    IF NEW.status = 'active' AND OLD.status <> 'active' AND NEW.id IS DISTINCT FROM (
           SELECT checkpoint_id FROM engine_promotion
            WHERE project_id = NEW.project_id ORDER BY number DESC LIMIT 1) THEN
        PERFORM maskloop_refuse('A checkpoint turns active by a promotion alone.');
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION maskloop_first_champion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'active' THEN
        INSERT INTO engine_promotion (project_id, number, kind, checkpoint_id, reason, created_at)
        VALUES (NEW.project_id, 1, 'first', NEW.id, '', clock_timestamp());
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION maskloop_champion_is_active() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM engine_promotion WHERE project_id = NEW.project_id)
       AND (SELECT id FROM engine_checkpoint WHERE project_id = NEW.project_id AND status = 'active')
           IS DISTINCT FROM (SELECT checkpoint_id FROM engine_promotion
                              WHERE project_id = NEW.project_id ORDER BY number DESC LIMIT 1) THEN
        PERFORM maskloop_refuse('The champion is the checkpoint that was promoted last.');
    END IF;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER held_out_stays_unseen BEFORE INSERT ON engine_trainingsource
    FOR EACH ROW EXECUTE FUNCTION maskloop_training_sees_nothing_held_out();
CREATE TRIGGER held_out_was_never_seen BEFORE INSERT ON engine_evaluationitem
    FOR EACH ROW EXECUTE FUNCTION maskloop_held_out_was_never_seen();
CREATE TRIGGER source_stays BEFORE UPDATE OF source_sha256, status ON engine_video
    FOR EACH ROW EXECUTE FUNCTION maskloop_source_stays();
CREATE TRIGGER evaluation_is_measured BEFORE INSERT ON engine_evaluation
    FOR EACH ROW EXECUTE FUNCTION maskloop_evaluation_is_measured();
CREATE TRIGGER promotion_keeps_the_rules BEFORE INSERT ON engine_promotion
    FOR EACH ROW EXECUTE FUNCTION maskloop_promotion_keeps_the_rules();
CREATE TRIGGER checkpoint_is_what_was_judged BEFORE INSERT OR UPDATE ON engine_checkpoint
    FOR EACH ROW EXECUTE FUNCTION maskloop_checkpoint_is_what_was_judged();
CREATE TRIGGER first_champion AFTER INSERT ON engine_checkpoint
    FOR EACH ROW EXECUTE FUNCTION maskloop_first_champion();
CREATE CONSTRAINT TRIGGER champion_is_active AFTER INSERT OR UPDATE ON engine_checkpoint
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION maskloop_champion_is_active();
CREATE CONSTRAINT TRIGGER promoted_is_active AFTER INSERT ON engine_promotion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION maskloop_champion_is_active();
ALTER TABLE engine_trainingsource ENABLE ALWAYS TRIGGER held_out_stays_unseen;
ALTER TABLE engine_evaluationitem ENABLE ALWAYS TRIGGER held_out_was_never_seen;
ALTER TABLE engine_video ENABLE ALWAYS TRIGGER source_stays;
ALTER TABLE engine_evaluation ENABLE ALWAYS TRIGGER evaluation_is_measured;
ALTER TABLE engine_promotion ENABLE ALWAYS TRIGGER promotion_keeps_the_rules;
ALTER TABLE engine_checkpoint ENABLE ALWAYS TRIGGER checkpoint_is_what_was_judged;
ALTER TABLE engine_checkpoint ENABLE ALWAYS TRIGGER first_champion;
ALTER TABLE engine_checkpoint ENABLE ALWAYS TRIGGER champion_is_active;
ALTER TABLE engine_promotion ENABLE ALWAYS TRIGGER promoted_is_active;
"""

OPERATIONS = [
    migrations.RunSQL(sql)
    for sql in (
        ONLY_GROWS,
        *(GUARD.format(noun=noun) for noun in LEDGERS),
        COUNT,
        *(COUNTED.format(noun=noun) for noun in ("masklet", "video")),
        NO_PROBE,
        REFUSE + HASH + UNSEEN + MEASURED + RULES + CHAMPION + TRIGGERS,
    )
]
