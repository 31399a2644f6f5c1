"""The six broken builds (see broken.py, which needs Django)."""

NAMES = [
    "no_fencing",
    "no_compare_and_set",
    "told_before_stored",
    "leases_never_expire",
    "upload_acknowledged_early",
    "idempotency_keys_ignored",
]
