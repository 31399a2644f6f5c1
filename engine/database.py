"""The two roles of the database: the owner, who migrates, and the application's, who may not rewrite the ledgers.

They are one where MIGRATION_DATABASE_URL is not set; then only the ledgers' triggers guard them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from psycopg2 import sql

#: Tables that only grow; their triggers refuse everybody, the application's role may not even try.
LEDGERS = (
    "engine_transition",
    "engine_auditentry",
    "engine_evaluationset",
    "engine_evaluationitem",
    "engine_trainingsource",
    "engine_evaluation",
    "engine_promotion",
)


def application_role() -> str:
    """The role that the application works as; it may not change what only grows."""
    return str(settings.APPLICATION_DATABASE["USER"])


def has_two_roles() -> bool:
    """Whether migrations run as another role than the application."""
    return bool(settings.MIGRATION_DATABASE["USER"] != application_role())


@contextmanager
def as_owner() -> Iterator[None]:
    """This thread speaks to the same database as its owner; outside of a transaction. May be nested."""
    if not has_two_roles():
        yield
        return
    before = connection.settings_dict
    owner = {name: settings.MIGRATION_DATABASE[name] for name in ("USER", "PASSWORD", "HOST", "PORT")}
    connection.close()
    connection.settings_dict = before | owner
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


@transaction.atomic
def grant() -> None:
    """As the owner: let the application's role read and write rows, but of the ledgers only read and add."""
    if not has_two_roles() or not set(LEDGERS) <= set(connection.introspection.table_names()):
        return
    role = sql.Identifier(application_role())
    ledgers = sql.SQL(", ").join(map(sql.Identifier, LEDGERS))
    with connection.cursor() as cursor:
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            "REVOKE UPDATE, DELETE, TRUNCATE ON {ledgers} FROM {role}",
        ):
            cursor.execute(sql.SQL(statement).format(role=role, ledgers=ledgers))


def may_rewrite_ledgers() -> bool:
    """Whether the role that asks could change them, once it has put the triggers aside."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(has_table_privilege(name, 'UPDATE, DELETE, TRUNCATE')) "
            "FROM unnest(%s::text[]) AS name",
            [list(LEDGERS)],
        )
        return bool(cursor.fetchone()[0])
