-- A project of SA-V's size. Settings: bench.videos, bench.masklets, bench.project, bench.people (how many annotators).
-- The constraints stay on: what they refuse here, the app would refuse too.
CREATE TEMP TABLE person AS
  SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM auth_user WHERE username LIKE 'annotator%';
CREATE TEMP TABLE facts AS
  SELECT current_setting('bench.project')::bigint AS project,
         (SELECT id FROM engine_checkpoint WHERE project_id = current_setting('bench.project')::bigint) AS checkpoint,
         (SELECT id FROM auth_user WHERE username = 'owner') AS owner, (SELECT count(*) FROM person) AS people,
         current_setting('bench.videos')::bigint AS videos, current_setting('bench.masklets')::bigint AS masklets;

INSERT INTO engine_video (project_id, name, status, failure_code, failure_message, warnings, fps, annotate_every,
    width, height, timeline_frame_count, frame_count, duration, source_sha256, environment, split, created_by_id, created_at, bytes)
  SELECT project, 'clip-' || n || '.mp4', 'ready', '', '', '[]', 24, 4, 1280, 720, 336, 84, 14, '', '', 'train', owner,
         now() - interval '90 days' + n * interval '1 minute', 10000000
  FROM facts, generate_series(1, videos) n;
CREATE TEMP TABLE clip AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM engine_video WHERE project_id = (SELECT project FROM facts);
CREATE INDEX ON clip (n);
ANALYZE clip;

-- Of a hundred: 70 accepted, 10 wait for a verdict, 12 chosen, 4 to be refined, 4 rejected.
CREATE TEMP TABLE made AS
  SELECT i AS n, clip.id AS video, i / videos + 1 AS object, i % 3 + 1 AS phase, person.id AS annotator, other.id AS selector,
         CASE WHEN h < 70 THEN 'accepted' WHEN h < 80 THEN 'in_verification' WHEN h < 92 THEN 'selected'
              WHEN h < 96 THEN 'needs_refinement' ELSE 'rejected' END AS status,
         now() - interval '60 days' + i * interval '5 seconds' AS at
  FROM facts CROSS JOIN generate_series(0, masklets - 1) i
    CROSS JOIN LATERAL (SELECT abs(hashint8(i)::bigint) % 100 AS h) hashed
    JOIN clip ON clip.n = i % videos
    JOIN person ON person.n = i % people
    JOIN person other ON other.n = (i + 1) % people;
INSERT INTO engine_masklet (project_id, video_id, object_id, label, phase, source, trial, priority, status, doubt, created_by_id, created_at, updated_at)
  SELECT project, video, object, '', phase, 'manual', false, 0,
         CASE WHEN status IN ('accepted', 'in_verification') THEN 'selected' ELSE status END,
         (n % 20) / 100.0, selector, at, at FROM made, facts;
CREATE TEMP TABLE known AS
  SELECT masklet.id, made.* FROM made JOIN engine_masklet masklet ON masklet.video_id = made.video AND masklet.object_id = made.object;
INSERT INTO engine_revision (masklet_id, number, kind, sha256, key, frame_count, prompt_ids, last_prompt_id,
    carried_prompt_ids, edited_frames, suggested_frames, doubt, actor_id, created_at)
  SELECT id, 1, 'propagate', repeat('0', 64), 'none', 84, '{}', 0, '{}', '{0,20}', '[]', (n % 20) / 100.0, annotator, at
  FROM known WHERE status <> 'selected' OR n % 2 = 0;
UPDATE engine_masklet masklet SET revision_id = revision.id, status = known.status
  FROM engine_revision revision JOIN known ON known.id = revision.masklet_id WHERE masklet.id = known.id;

-- Who worked on it: one assignment, a click on two frames, three stretches of time.
INSERT INTO annotation_assignment (masklet_id, person_id, token, lease_until, started_at, ended_at, outcome, previous_status, job)
  SELECT id, annotator, 'none', at, at - interval '5 minutes', at, 'submitted', 'selected', 'tracking'
  FROM known WHERE status <> 'selected';
INSERT INTO engine_prompt (masklet_id, frame_idx, kind, x, y, positive, fresh, actor_id, created_at)
  SELECT id, frame, 'click', 10, 10, true, false, annotator, at FROM known, unnest(ARRAY[0, 20]) frame WHERE status <> 'selected';
INSERT INTO annotation_interaction (assignment_id, masklet_id, person_id, phase, checkpoint_id, frame_idx, kind, prompt_id, sequence, tool,
    active_ms, wait_ms, strokes, created_at)
  SELECT a.id, a.masklet_id, a.person_id, known.phase, checkpoint, p.frame_idx, 'click', p.id, NULL, '', 0, 0, 0, p.created_at
  FROM facts, engine_prompt p JOIN annotation_assignment a USING (masklet_id) JOIN known ON known.id = a.masklet_id;
INSERT INTO annotation_interaction (assignment_id, masklet_id, person_id, phase, checkpoint_id, frame_idx, kind, prompt_id, sequence, tool,
    active_ms, wait_ms, strokes, created_at)
  SELECT a.id, a.masklet_id, a.person_id, known.phase, checkpoint, s * 10, 'time', NULL, s, 'point', 4000 + known.n % 3000, 700, 0, at
  FROM facts, annotation_assignment a JOIN known ON known.id = a.masklet_id, generate_series(1, 3) s;
INSERT INTO engine_transition (subject_type, subject_id, from_status, to_status, actor_id, reason, created_at)
  SELECT 'masklet', id, step.before, step.after, annotator, '', at
  FROM known, (VALUES ('selected', 'annotating'), ('annotating', 'in_verification')) step (before, after) WHERE status <> 'selected';
INSERT INTO engine_transition (subject_type, subject_id, from_status, to_status, actor_id, reason, created_at)
  SELECT 'masklet', id, 'in_verification', status, owner, 'drifts', at
  FROM known, facts WHERE status IN ('accepted', 'needs_refinement', 'rejected');
ANALYZE;
