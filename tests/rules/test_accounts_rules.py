from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outreach.accounts.rules import (
    POLICY,
    Bucket,
    may,
    network_of,
    roles_one_may_give,
    tokens_after,
)
from outreach.accounts.words import Role
from outreach.core.errors import Conflict
from outreach.core.paging import decode_cursor, encode_cursor
from outreach.core.passwords import hash_password, verify_password
from outreach.core.tokens import SecretBox, keyed_hash

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_every_role_may_what_the_roles_below_it_may() -> None:
    order = [Role.VIEWER, Role.MEMBER, Role.MANAGER, Role.OWNER]
    for thing, action in POLICY:
        allowed = [may(role, thing, action) for role in order]
        assert allowed == sorted(allowed)
        assert allowed[-1]


def test_viewers_change_nothing_but_their_profile() -> None:
    changes = {entry for entry in POLICY if entry[1] != "view" and may(Role.VIEWER, *entry)}
    assert changes == {("profile", "edit")}


def test_what_the_policy_does_not_name_nobody_may() -> None:
    assert not may(Role.OWNER, "prospect", "destroy")


def test_nobody_gives_a_role_above_their_own() -> None:
    assert Role.OWNER not in roles_one_may_give(Role.MANAGER)
    assert set(roles_one_may_give(Role.OWNER)) == set(Role)


def test_a_bucket_fills_up_with_time_and_never_over() -> None:
    bucket = Bucket(size=10, refill=timedelta(minutes=2))
    assert tokens_after(bucket, 0, NOW, NOW + timedelta(minutes=4)) == 2
    assert tokens_after(bucket, 9, NOW, NOW + timedelta(days=1)) == 10
    assert tokens_after(bucket, 3, NOW, NOW - timedelta(hours=1)) == 3


@pytest.mark.parametrize(
    ("ip", "network"),
    [("203.0.113.7", "203.0.113.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64")],
)
def test_guessing_is_counted_by_network(ip: str, network: str) -> None:
    assert network_of(ip) == network


def test_a_password_is_verified_and_an_unknown_person_never_is() -> None:
    stored = hash_password("walnut-lantern-42")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(stored, "walnut-lantern-42")
    assert not verify_password(stored, "walnut-lantern-43")
    assert not verify_password(None, "nobody has this password")


def test_a_sealed_secret_opens_for_its_owner_only() -> None:
    box = SecretBox("one key")
    sealed = box.seal("s3cret", owner="mailbox:1")
    assert box.open(sealed, owner="mailbox:1") == "s3cret"
    with pytest.raises(Conflict, match="another mailbox"):
        box.open(sealed, owner="mailbox:2")
    with pytest.raises(Conflict, match="cannot be read"):
        SecretBox("another key").open(sealed, owner="mailbox:1")


def test_keyed_hashes_differ_by_key_and_purpose() -> None:
    hashes = {keyed_hash(key, purpose, "a") for key in ("k1", "k2") for purpose in ("p1", "p2")}
    assert len(hashes) == 4


def test_a_cursor_comes_back_as_it_went() -> None:
    assert decode_cursor(encode_cursor(17, None, "x"), 3) == [17, None, "x"]
