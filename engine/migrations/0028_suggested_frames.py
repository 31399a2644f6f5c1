from django.db import migrations

#: A candidate's scores, and what verdicts taught about them, name the model's confidence so.
CONFIDENCE = """
UPDATE engine_candidate SET scores = scores - 'sure' || jsonb_build_object('confidence', scores -> 'sure')
 WHERE jsonb_exists(scores, 'sure');
UPDATE engine_candidatepolicy
   SET learned = jsonb_set(learned, '{names}', (
         SELECT jsonb_agg(CASE name WHEN 'sure' THEN 'confidence' ELSE name END ORDER BY place)
           FROM jsonb_array_elements_text(learned -> 'names') WITH ORDINALITY AS each (name, place)))
 WHERE learned -> 'names' @> '["sure"]';
"""


class Migration(migrations.Migration):
    dependencies = [("engine", "0027_kinds_of_four_branches")]

    operations = [
        migrations.RenameField("revision", "look_here", "suggested_frames"),
        migrations.RunSQL(CONFIDENCE, migrations.RunSQL.noop),
    ]
