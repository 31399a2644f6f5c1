from django.db import migrations

#: The days of a release's annotating have the names of its dataclass.
DAYS = """
UPDATE engine_release SET lineage = jsonb_set(lineage, '{annotated}', ((lineage -> 'annotated') - 'from' - 'to')
           || jsonb_build_object('first', lineage #> '{annotated,from}', 'last', lineage #> '{annotated,to}'))
 WHERE jsonb_exists(lineage -> 'annotated', 'from');
"""


class Migration(migrations.Migration):
    dependencies = [("engine", "0001_squashed_0032")]

    operations = [migrations.RunSQL(DAYS, migrations.RunSQL.noop)]
