from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.test import override_settings

from engine.settings import base

ours = override_settings(PASSWORD_HASHERS=base.PASSWORD_HASHERS)


@ours
def test_a_password_is_hashed_in_one_lane():
    hashed = make_password("a good password")
    assert hashed.startswith("argon2$argon2id$")
    assert "m=47104,t=1,p=1" in hashed
    assert check_password("a good password", hashed)
    assert not check_password("another", hashed)


@ours
def test_what_was_hashed_in_eight_lanes_still_opens_and_is_hashed_anew():
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"]):
        older = make_password("a good password")
    again = []
    assert check_password("a good password", older, setter=again.append)
    assert again == ["a good password"]
    assert identify_hasher(older).must_update(older)
