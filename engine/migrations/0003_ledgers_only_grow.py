from django.db import migrations

LEDGERS = ("engine_transition", "engine_auditentry")
REFUSE = """
CREATE FUNCTION maskloop_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: what was written there stays', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""
# For each statement, so that it is refused whatever rows it would have met; TRUNCATE has no other.
GUARD = """
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION maskloop_only_grows();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER only_grows;
"""


class Migration(migrations.Migration):
    dependencies = [("engine", "0002_audit")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION maskloop_only_grows();"),
        *(
            migrations.RunSQL(GUARD.format(table=table), f"DROP TRIGGER only_grows ON {table};")
            for table in LEDGERS
        ),
    ]
