"""One row of every kind in another workspace, all marked, for the route sweep."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from outreach.activity.models import Blob, BulkAction, Job
from outreach.assets.models import Asset, Property
from outreach.campaigns.models import Campaign, Opportunity
from outreach.contacts.models import Contact, ContactMerge, FoundContact
from outreach.core.clock import utc_now
from outreach.core.db import Database, Scope, Session
from outreach.fields.models import CustomField
from outreach.fields.words import FieldKind, FieldSubject
from outreach.imports.models import ColumnMapping, ImportFile, ImportRow
from outreach.imports.words import Verdict
from outreach.links.models import Backlink, LinkCheck, WonLink
from outreach.links.words import CheckFamily, LinkState
from outreach.mail.models import Conversation, InboundMessage, Mailbox, OutboxMessage
from outreach.notes.models import Attachment, Mention, Note
from outreach.pitches.models import PitchTemplate
from outreach.prospects.words import Tactic
from outreach.reminders.models import Reminder
from outreach.sequences.models import Enrollment, Sequence, Step
from outreach.tags.models import Tag
from outreach.views.models import SavedView
from tests.factories import add, make_page, make_prospect, make_user

MARKER = "FOREIGNMARKER"

# Arguments of routes that are words, not ids: tokens, switches.
TEXT_ARGUMENTS = {"token", "switch", "filename", "list_name"}


def make_foreign_rows(database: Database, scope: Scope) -> dict[str, int]:
    """Commit one marked row of every kind; return their ids under the names routes use."""
    with database.writing(scope) as session:
        maker = _Maker(session)
        maker.make_prospecting()
        maker.make_pitching()
        maker.make_mail()
        maker.make_links()
        maker.make_bulk_action()
        maker.make_annotations()
    with database.system() as session:
        maker.ids["user_id"] = make_user(session, name=MARKER).key
    maker.ids["other_id"] = maker.ids["contact_id"]
    maker.ids["suppression_id"] = 999_999  # suppressions belong to the whole installation
    return maker.ids


class _Maker:
    def __init__(self, session: Session) -> None:
        self.session, self.ids, self.now = session, dict[str, int](), utc_now()

    def keep(self, name: str, row: Any) -> int:
        add(self.session, row)
        self.ids[name] = row.key
        return int(row.key)

    def make_prospecting(self) -> None:
        prospect = make_prospect(self.session, domain="foreign.example", title=MARKER, notes=MARKER)
        page = make_page(self.session, prospect, title=MARKER, description=MARKER, text=MARKER)
        self.ids |= {"prospect_id": prospect.key, "prospect_page_id": page.key}
        self.site_id = prospect.site_id
        self.keep(
            "asset_id",
            Asset(url="https://foreign.example/a", url_key="foreign.example/a", title=MARKER),
        )
        self.keep("property_id", Property(domain="foreignmarker.example"))
        self.keep(
            "import_file_id",
            ImportFile(filename=MARKER, sha256="0" * 64, size_bytes=1, layout="plain_list"),
        )
        self.keep(
            "import_row_id",
            ImportRow(
                import_file_id=self.ids["import_file_id"],
                line_number=1,
                verdict=Verdict.REFUSED,
                raw=MARKER,
                reason=MARKER,
            ),
        )
        self.keep(
            "column_mapping_id",
            ColumnMapping(header_key="0" * 64, headers=[MARKER], kind="page"),
        )
        self.keep("job_id", Job(kind="import", sentence=MARKER))
        self.keep(
            "contact_id",
            Contact(
                site_id=self.site_id,
                name=MARKER,
                address="foreign@foreign.example",
                address_key="foreign@foreign.example",
            ),
        )
        contact_id = self.ids["contact_id"]
        self.keep("contact_merge_id", ContactMerge(kept_id=contact_id, gone_id=contact_id))
        self.keep(
            "found_contact_id",
            FoundContact(
                site_id=self.site_id,
                address="found@foreign.example",
                address_key="found@foreign.example",
                source_url="https://foreign.example/",
                snippet=MARKER,
                found_at=self.now,
            ),
        )

    def make_bulk_action(self) -> None:
        action = BulkAction(kind="move_opportunities", subject_type="opportunity", sentence=MARKER)
        self.keep("bulk_action_id", action)

    def make_pitching(self) -> None:
        ids = self.ids
        self.keep("pitch_template_id", PitchTemplate(name=MARKER, subject=MARKER, body=MARKER))
        self.keep("sequence_id", Sequence(name=MARKER))
        self.keep(
            "step_id",
            Step(
                sequence_id=ids["sequence_id"],
                position=0,
                pitch_template_id=ids["pitch_template_id"],
            ),
        )
        self.keep("mailbox_id", Mailbox(address="us@foreign.example", display_name=MARKER))
        self.keep(
            "campaign_id",
            Campaign(
                name=MARKER,
                tactic=Tactic.RESOURCE_PAGE,
                asset_id=ids["asset_id"],
                sequence_id=ids["sequence_id"],
                mailbox_id=ids["mailbox_id"],
            ),
        )
        self.keep(
            "opportunity_id",
            Opportunity(
                campaign_id=ids["campaign_id"],
                prospect_id=ids["prospect_id"],
                contact_id=ids["contact_id"],
                stage_changed_at=self.now,
                personal_words=MARKER,
            ),
        )

    def make_mail(self) -> None:
        ids = self.ids
        self.keep(
            "conversation_id",
            Conversation(
                mailbox_id=ids["mailbox_id"],
                opportunity_id=ids["opportunity_id"],
                prospect_id=ids["prospect_id"],
                contact_id=ids["contact_id"],
                subject=MARKER,
                last_message_at=self.now,
            ),
        )
        self.keep(
            "outbox_message_id",
            OutboxMessage(
                mailbox_id=ids["mailbox_id"],
                conversation_id=ids["conversation_id"],
                contact_id=ids["contact_id"],
                idempotency_key="foreign",
                message_id="<foreign@foreign.example>",
                recipient="foreign@foreign.example",
                recipient_key="0" * 64,
                recipient_domain="foreign.example",
                subject=MARKER,
                body_text=MARKER,
                raw=MARKER.encode(),
                send_after=self.now + timedelta(days=1),
            ),
        )
        self.keep(
            "inbound_message_id",
            InboundMessage(
                mailbox_id=ids["mailbox_id"],
                folder="INBOX",
                uidvalidity=1,
                uid=1,
                sha256="0" * 64,
                raw=MARKER.encode(),
                subject=MARKER,
                visible_text=MARKER,
                received_at=self.now,
                conversation_id=ids["conversation_id"],
            ),
        )
        self.keep(
            "enrollment_id",
            Enrollment(
                sequence_id=ids["sequence_id"],
                opportunity_id=ids["opportunity_id"],
                contact_id=ids["contact_id"],
                mailbox_id=ids["mailbox_id"],
                domain="foreign.example",
                due_at=self.now,
            ),
        )

    def make_links(self) -> None:
        ids = self.ids
        self.keep(
            "backlink_id",
            Backlink(
                site_id=self.site_id,
                referring_domain="foreign.example",
                referring_url="https://foreign.example/p",
                referring_key="foreign.example/p",
                target_url="https://ours.example/",
                target_key="ours.example",
                anchor=MARKER,
            ),
        )
        self.keep(
            "won_link_id",
            WonLink(
                backlink_id=ids["backlink_id"],
                opportunity_id=ids["opportunity_id"],
                won_at=self.now,
                terms=MARKER,
            ),
        )
        blob = Blob(sha256="0" * 64, kind="evidence", size_bytes=1, packed=b"x")
        add(self.session, blob)
        self.keep(
            "link_check_id",
            LinkCheck(
                backlink_id=ids["backlink_id"],
                checked_at=self.now,
                family=CheckFamily.SEEN,
                reason="found",
                state_after=LinkState.LIVE,
                anchor=MARKER,
                blob_id=blob.key,
            ),
        )
        self.keep("reminder_id", Reminder(text=MARKER, due_at=self.now))

    def make_annotations(self) -> None:
        about: dict[str, Any] = {"subject_type": "prospect", "subject_id": self.ids["prospect_id"]}
        self.keep(
            "saved_view_id",
            SavedView(
                list_name="prospects",
                name=MARKER,
                user_id=self.session.scope.user_id or 0,
                is_shared=True,
            ),
        )
        self.keep("tag_id", Tag(name=MARKER, name_key=MARKER.lower()))
        self.keep(
            "custom_field_id",
            CustomField(
                subject=FieldSubject.PROSPECT,
                name=MARKER,
                name_key=MARKER.lower(),
                kind=FieldKind.TEXT,
            ),
        )
        author = self.session.scope.user_id or 0
        self.keep("note_id", Note(**about, user_id=author, body=MARKER))
        self.keep("mention_id", Mention(note_id=self.ids["note_id"], user_id=author))
        blob = Blob(sha256="1" * 64, kind="attachment", size_bytes=1, packed=b"x")
        add(self.session, blob)
        self.keep(
            "attachment_id",
            Attachment(**about, filename=MARKER, size_bytes=1, blob_id=blob.key, user_id=author),
        )
