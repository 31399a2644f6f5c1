"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class OneLaneArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with OWASP's first parameters for one lane, in place of Django's 100 MiB in eight.

    Eight lanes take every core of a small machine for each password that somebody tries. Passwords hashed with other
    parameters are hashed anew when their people sign in.
    """

    time_cost = 1
    memory_cost = 47_104  # KiB
    parallelism = 1
