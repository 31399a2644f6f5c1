from django.db import migrations

# What was reviewed before there were rounds: each review that was open or decided was a round of its own.
ROUNDS = """
INSERT INTO verification_round (masklet_id, revision_id, number, reviewers, agreeing, tied, opened_at, closed_at, outcome,
                                size, escalated)
SELECT review.masklet_id, review.revision_id, row_number() OVER (PARTITION BY review.masklet_id ORDER BY review.id),
       1, 1, false, review.started_at, review.ended_at, coalesce(verdict.kind, ''), '', false
  FROM verification_review review LEFT JOIN verification_verdict verdict ON verdict.review_id = review.id;
UPDATE verification_review review SET round_id = round.id
  FROM (SELECT id, masklet_id, row_number() OVER (PARTITION BY masklet_id ORDER BY id) AS n FROM verification_review) nth
  JOIN verification_round round ON round.masklet_id = nth.masklet_id AND round.number = nth.n
 WHERE review.id = nth.id;
UPDATE verification_verdict verdict SET round_id = review.round_id, person_id = review.person_id
  FROM verification_review review WHERE review.id = verdict.review_id;
UPDATE verification_review review SET outcome = 'undone'
  FROM verification_verdict verdict WHERE verdict.review_id = review.id AND verdict.undone_at IS NOT NULL;
"""


class Migration(migrations.Migration):

    dependencies = [('verification', '0002_rounds_and_policies')]

    operations = [migrations.RunSQL(ROUNDS, migrations.RunSQL.noop)]
