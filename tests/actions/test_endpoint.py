"""The action server's own door: who may call, how much, and what it tells when something is wrong."""

from __future__ import annotations

import json

import httpx
import pytest
import yaml

from actions.endpoint import LARGEST_BODY, build_app
from actions.registry import ACTIONS
from actions.services import Services
from tests.actions.talk import FORM, ROOT, RULES, Talk

ACTING_WITHOUT_A_RULE = {f"validate_{FORM}"}


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer é"}])
def test_without_the_token_nothing_is_done(server: str, header: dict[str, str]) -> None:
    raw = {name: value.encode("latin-1") for name, value in header.items()}
    response = httpx.post(f"{server}/webhook", headers=raw, json={"next_action": "action_social"})
    assert response.status_code == 401
    assert "action_social" not in response.text


def test_a_short_token_does_not_start(services: Services) -> None:
    with pytest.raises(ValueError, match="token"):
        build_app(services, "short")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json at all", 400),
        (b'{"next_action": 5}', 400),
        (b'{"next_action": "action_social"}', 400),
        (b'{"next_action": "action_social", "tracker": {"sender_id": [], "slots": {}}}', 400),
        (b'{"next_action": "action_drop_tables", "tracker": {"sender_id": "c", "slots": {}}}', 404),
        (b"[" * 5_000, 400),
        (b" " * (LARGEST_BODY + 1), 413),
    ],
)
def test_what_is_no_action_call_is_refused_without_an_echo(
    client: httpx.Client, body: bytes, status: int
) -> None:
    response = client.post("/webhook", content=body)
    assert response.status_code == status
    assert "drop_tables" not in response.text
    assert len(response.content) < 200


def test_a_fault_inside_tells_nothing(client: httpx.Client, services: Services, talk: Talk) -> None:
    services.database.close()
    services.database.engine.pool.dispose()
    with services.database.engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE service_requests CASCADE") if (
            services.database.dialect == "postgresql"
        ) else connection.exec_driver_sql("DROP TABLE service_requests")
        connection.commit()
    heard = talk.say("my secret is 4711, what about 1001", "ask_status")
    assert heard.status == 500
    response = client.post("/webhook", content=b"{}")
    assert "4711" not in response.text


def test_every_action_of_the_domain_is_served_and_every_intent_has_one() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    assert sorted(domain["actions"]) == sorted(ACTIONS)
    assert set(RULES.values()) | ACTING_WITHOUT_A_RULE == set(ACTIONS) | {FORM}
    assert set(RULES) == set(domain["intents"])


def test_the_domain_has_an_intent_for_each_service(services: Services) -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text())
    reports = {intent.removeprefix("report_") for intent in domain["intents"] if intent.startswith("report_")}
    assert reports == {service.service_code for service in services.catalog.all()}


def test_the_answer_is_what_rasa_takes(talk: Talk, client: httpx.Client) -> None:
    talk.say("hello", "greet")
    response = client.post(
        "/webhook",
        json={
            "next_action": "action_social",
            "tracker": {
                "sender_id": "c",
                "slots": {},
                "events": None,
                "latest_message": {"text": "hi", "intent": {"name": "greet"}},
            },
        },
    )
    answer = json.loads(response.content)
    assert {event["event"] for event in answer["events"]} <= {"slot", "active_loop", "followup"}
    assert all(isinstance(part["text"], str) for part in answer["responses"])
