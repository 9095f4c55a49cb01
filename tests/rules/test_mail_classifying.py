"""What kind of mail came in: every kind by more than one kind of evidence."""

from __future__ import annotations

from datetime import date

import pytest

from outreach.mail.auto_replies import AutoReplyKind
from outreach.mail.classifying import Classified, MailKind, classify
from outreach.mail.return_dates import find_return_date

SENT_ID = "<abc123@firm.example>"


def mail(headers: str, body: str) -> bytes:
    return (
        f"To: ann@firm.example\nDate: Mon, 16 Nov 2026 10:00:00 +0000\n{headers}\n{body}".encode()
    )


def report(status: str, said: str, action: str = "failed", notice: str = "It failed.") -> bytes:
    return mail(
        "From: Mail Delivery System <mailer-daemon@relay.test>\nSubject: Undelivered Mail\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n',
        f"--x\n\n{notice}\n--x\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; relay.test\n\nFinal-Recipient : rfc822 ; Bob@Site.test\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n"
        "  and more\n--x\nContent-Type: message/rfc822\n\n"
        f"From: ann@firm.example\nTo: bob@site.test\nMessage-ID: {SENT_ID}\n\nHi\n--x--\n",
    )


def reply(body: str, subject: str = "Re: Tools", more: str = "") -> Classified:
    return classify(mail(f"From: Bob <bob@site.test>\nSubject: {subject}\n{more}", body))


def test_a_delivery_report_names_address_status_and_the_mail() -> None:
    found = classify(report("5.1.1", "550 5.1.1 <bob@site.test>: no such user"))
    assert found.kind is MailKind.BOUNCE
    assert found.is_hard
    assert [(r.address, r.is_hard, r.is_final) for r in found.failed_recipients] == [
        ("bob@site.test", True, True)
    ]
    assert found.status == "5.1.1"
    assert found.diagnostic.endswith("no such user and more")
    assert SENT_ID in found.original_message_ids
    assert found.rule == "delivery report"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("5.2.2", "552 5.2.2 mailbox full"),
        ("5.7.1", "554 5.7.1 rejected by policy"),
        ("5.1.1", "550 5.1.1 blocked using a block list"),
        ("5.0.0", "550 something we never heard of"),
        ("5.1.8", "553 5.1.8 sender domain does not exist"),
        ("4.4.1", "451 4.4.1 user unknown, perhaps"),
        ("5.0.0", "550 : User unknown (in reply to end of DATA command)"),
    ],
)
def test_on_any_doubt_a_bounce_is_soft(status: str, said: str) -> None:
    found = classify(report(status, said))
    assert found.kind is MailKind.BOUNCE
    assert not found.is_hard


@pytest.mark.parametrize(
    "said",
    [
        "550 <bob@site.test>: Address rejected: User unknown (in reply to RCPT TO command)",
        "Host or domain name not found",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound",
    ],
)
def test_clear_words_make_it_hard_without_a_clear_number(said: str) -> None:
    assert classify(report("5.0.0", said)).is_hard


@pytest.mark.parametrize(
    "raw",
    [
        report("4.4.1", "timed out", action="delayed"),
        mail(
            "From: mailer-daemon@relay.test\nSubject: Warning: message delayed 24 hours\n",
            "A message has not yet been delivered to\n\n  bob@site.test\n\n"
            "No action is required on your part. Delivery attempts will continue.\n",
        ),
    ],
)
def test_a_delay_is_never_final(raw: bytes) -> None:
    found = classify(raw)
    assert found.kind is MailKind.DELAYED
    assert not found.is_hard
    assert [(r.address, r.is_final) for r in found.failed_recipients] == [("bob@site.test", False)]


def test_a_report_of_success_is_no_bounce() -> None:
    assert classify(report("2.0.0", "250 ok", action="delivered")).kind is not MailKind.BOUNCE


def test_a_bounce_in_plain_words_is_read() -> None:
    found = classify(
        mail(
            "Return-Path: <>\nFrom: MAILER-DAEMON@relay.test\nSubject: failure notice\n",
            "Hi. I was not able to deliver your message to the following addresses.\n\n"
            "<bob@site.test>:\n192.0.2.1 does not like recipient.\n"
            "Remote host said: 550 5.1.1 no such user\n\n"
            f"--- Below this line is a copy of the message.\n\nMessage-ID: {SENT_ID}\n"
            "From: ann@firm.example\nTo: bob@site.test\n\nHi, write to info@other.test\n",
        )
    )
    assert found.kind is MailKind.BOUNCE
    assert [r.address for r in found.failed_recipients] == ["bob@site.test"]
    assert found.is_hard
    assert found.original_message_ids == (SENT_ID,)


def test_the_failed_recipients_header_is_read() -> None:
    found = classify(
        mail(
            "From: daemon@relay.test\nX-Failed-Recipients: bob@site.test, eve@site.test\n"
            "Subject: Mail delivery failed\n",
            "bob@site.test\n  Unrouteable address\neve@site.test\n  mailbox is full\n",
        )
    )
    assert [r.address for r in found.failed_recipients] == ["bob@site.test", "eve@site.test"]


def test_a_person_who_speaks_of_bounces_is_a_person() -> None:
    found = reply(
        "Your mail to eve@site.test could not be delivered, she told me.\n", "Re: bounced"
    )
    assert found.kind is MailKind.REPLY


def test_a_complaint_is_recognised_with_its_mail() -> None:
    raw = mail(
        "From: feedback@provider.test\nSubject: abuse report\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="x"\n',
        "--x\n\nreport\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
        "Original-Rcpt-To: <Bob@site.test>\n\n--x\nContent-Type: message/rfc822\n\n"
        f"Message-ID: {SENT_ID}\n\nHi\n--x--\n",
    )
    found = classify(raw)
    assert found.kind is MailKind.COMPLAINT
    assert found.complained_about == "bob@site.test"
    assert SENT_ID in found.original_message_ids
    assert classify(raw.replace(b": abuse", b": auth-failure")).kind is MailKind.AUTO_REPLY
    assert classify(raw.replace(b": abuse", b": opt-out")).kind is MailKind.UNSUBSCRIBE


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (rule)",
        "X-Autoreply: yes", "X-Autorespond: x", "Precedence: auto_reply",
        "X-MS-Exchange-Inbox-Rules-Loop: ann@firm.example", "X-POST-MessageClass: 9; Autoresponder",
    ],
)  # fmt: skip
def test_a_header_tells_an_automatic_answer(header: str) -> None:
    found = reply("Thank you for your message.\n", more=f"{header}\n")
    assert found.kind is MailKind.AUTO_REPLY
    assert found.auto_reply is AutoReplyKind.TICKET


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: no", "X-Auto-Response-Suppress: All", "X-Autoreply: no", "Precedence: bulk"],
)
def test_a_header_that_proves_nothing_leaves_a_reply(header: str) -> None:
    assert reply("Sure, let us talk.\n", more=f"{header}\n").kind is MailKind.REPLY


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Tools",
        "Out of Office Re: Tools", "Abwesenheitsnotiz: Tools",
        "Automatische Antwort: Tools", "Réponse automatique : Tools", "Respuesta automática: Tools",
        "Risposta automatica: Tools", "Automatisch antwoord: Tools", "Autosvar: Tools",
        "Resposta automática: Tools", "Odpowiedź automatyczna: Tools", "Automaattinen vastaus: x",
        "Автоответ: Tools", "自動応答: Tools", "自动回复: Tools",
        "=?utf-8?q?R=C3=A9ponse_automatique?=",
        "Automatická odpověď: Tools", "Otomatik Yanıt: Tools", "Automatikus válasz: Tools",
    ],
)  # fmt: skip
def test_the_subject_of_an_absence_is_known_in_many_languages(subject: str) -> None:
    assert reply("...\n", subject).kind is MailKind.AUTO_REPLY


def test_an_absence_names_the_day_of_return() -> None:
    found = reply("I am out of the office until 30 November 2026.\n", "Automatic reply: Tools")
    assert found.auto_reply is AutoReplyKind.OUT_OF_OFFICE
    assert found.out_of_office_until == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Bob no longer works at Site.", AutoReplyKind.LEFT),
        ("Bob arbeitet nicht mehr für uns, ist nicht mehr bei Site tätig.", AutoReplyKind.LEFT),
        (
            "Please confirm that you are a human sender: click the link below",
            AutoReplyKind.CHALLENGE,
        ),
        ("We have received your request. Ticket 123.", AutoReplyKind.TICKET),
        ("Lorem.", AutoReplyKind.OTHER),
    ],
)
def test_automatic_answers_are_told_apart(text: str, kind: AutoReplyKind) -> None:
    assert reply(f"{text}\n", more="Auto-Submitted: auto-replied\n").auto_reply is kind


def test_a_person_who_was_away_is_a_person() -> None:
    assert reply("Sorry, I was out of the office last week. Yes, send it.\n").kind is MailKind.REPLY


@pytest.mark.parametrize(
    "text",
    [
        "No.", "no\n\n> Hello Bob", "STOP", "unsubscribe", "Please remove me from your list.",
        "Nein", "Bitte keine weiteren Mails.", "Take us off this list, thanks",
        "Do not contact me again.", "Merci de me désabonner.", "Darme de baja por favor",
    ],
)  # fmt: skip
def test_a_plain_no_unsubscribes(text: str) -> None:
    assert reply(f"{text}\n").kind is MailKind.UNSUBSCRIBE


@pytest.mark.parametrize(
    "text",
    [
        "No, we do not take guest posts, but would a sponsored one suit you?",
        "Yes!\n\n> reply 'no' and I won't write again\n> unsubscribe me: https://firm.example/u",
        "Not now. Ask me again in spring.",
        "Sure. Can you stop by on Monday?",
    ],
)
def test_a_conversation_is_not_an_unsubscription(text: str) -> None:
    assert reply(f"{text}\n").kind is MailKind.REPLY


def test_mail_to_the_unsubscribe_address_unsubscribes() -> None:
    raw = mail("From: bob@site.test\nSubject: x\nCc: ann+u@firm.example\n", "")
    assert classify(raw, ["Ann+U@firm.example"]).kind is MailKind.UNSUBSCRIBE
    assert classify(raw).kind is MailKind.REPLY


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("back on 2026-12-01", date(2026, 12, 1)),
        ("until December 1st", date(2026, 12, 1)),
        ("until 3 January", date(2027, 1, 3)),
        ("bis zum 24.12.2026", date(2026, 12, 24)),
        ("Ich bin ab dem 2. Dezember wieder da", date(2026, 12, 2)),
        ("bis 30.11.", date(2026, 11, 30)),
        ("returning 12/01/2026", date(2026, 12, 1)),
        ("jusqu'au 5 décembre inclus", date(2026, 12, 5)),
        ("hasta el 7 de diciembre de 2026", date(2026, 12, 7)),
        ("fino al 4 gennaio", date(2027, 1, 4)),
        ("from 20 November to 27 November", date(2026, 11, 27)),
        ("I will be back on Thursday", date(2026, 11, 19)),
        ("I will be back soon", None),
        ("back on 31 February 2027", None),
        ("until 1 January 1999", None),
        ("version 2.1 until it works", None),
    ],
)
def test_a_day_of_return_is_found_in_the_words_people_use(text: str, wanted: date | None) -> None:
    assert find_return_date(text, date(2026, 11, 16)) == wanted
