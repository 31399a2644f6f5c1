import django.db.models.deletion
from django.db import migrations, models

FUNCTION = """
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
TRIGGERS = """
CREATE TRIGGER {noun}_is_counted_when_added AFTER INSERT ON engine_{noun} REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION engine_count_statuses('{noun}');
CREATE TRIGGER {noun}_is_counted_when_changed AFTER UPDATE ON engine_{noun}
  REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION engine_count_statuses('{noun}');
CREATE TRIGGER {noun}_is_counted_when_removed AFTER DELETE ON engine_{noun} REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION engine_count_statuses('{noun}');
INSERT INTO engine_statuscount (project_id, noun, status, n)
  SELECT project_id, '{noun}', status, count(*) FROM engine_{noun} GROUP BY project_id, status;
"""
REVERSE = """
DROP TRIGGER {noun}_is_counted_when_added ON engine_{noun};
DROP TRIGGER {noun}_is_counted_when_changed ON engine_{noun};
DROP TRIGGER {noun}_is_counted_when_removed ON engine_{noun};
"""


class Migration(migrations.Migration):

    dependencies = [('engine', '0008_freeze_runs')]

    operations = [
        migrations.CreateModel(
            name='StatusCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('noun', models.CharField(max_length=8)),
                ('status', models.CharField(max_length=20)),
                ('n', models.BigIntegerField()),
                ('project', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='status_counts', to='engine.project')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['project', 'noun', 'status'], name='status_count_by_project')],
            },
        ),
        migrations.RunSQL(FUNCTION, 'DROP FUNCTION engine_count_statuses()'),
        *(migrations.RunSQL(TRIGGERS.format(noun=noun), REVERSE.format(noun=noun)) for noun in ('masklet', 'video')),
    ]
