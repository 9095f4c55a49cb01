"""People and role addresses: list, page, merge, export, erasure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from outreach.accounts.rules import may
from outreach.contacts import services
from outreach.contacts.listing import ContactFilter
from outreach.contacts.queries import get_contact, get_offer
from outreach.contacts.services import KnownAddress
from outreach.contacts.words import ContactKind, Deliverability
from outreach.core.clock import utc_now
from outreach.core.errors import Conflict, Invalid
from outreach.desk.contacts import contact_view, domain_of
from outreach.desk.person import everything_about
from outreach.prospects.queries import find_prospect_of_site
from outreach.sites.services import site_of
from outreach.tags.queries import all_tags
from outreach.web.annotations import annotation_context
from outreach.web.contact_table import contacts_url, render_contacts
from outreach.web.context import complain, reading, requires, role, say, scope, writing
from outreach.web.context import services as web
from outreach.web.forms.contacts import (
    AcceptOfferForm,
    ContactForm,
    DeliverabilityForm,
    ErasureForm,
)
from outreach.web.timeline import timeline_items
from outreach.workflows import keep_contacts
from outreach.workflows.erase_person import erase_person

if TYPE_CHECKING:
    from outreach.contacts.models import Contact
    from outreach.contacts.rules import ContactDetails

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")


@blueprint.get("/")
@requires("contact", "view")
def index() -> Any:
    """List contacts by name."""
    if "" in request.args.values():  # a form sends its empty fields too
        return redirect(contacts_url(ContactFilter.from_arguments(request.args)))
    return render_contacts()


@blueprint.get("/filter")
@requires("contact", "view")
def edit_filter() -> Any:
    """Show the form of the filter; in a dialog where scripts run."""
    is_part = request.headers.get("HX-Request") == "true"
    return render_template(
        "contacts/_filter_form.html" if is_part else "contacts/filter.html",
        said=ContactFilter.from_arguments(request.args).to_arguments(),
        kinds=[(kind.value, kind.value.replace("_", " ")) for kind in ContactKind],
        deliverabilities=[(each.value, each.value) for each in Deliverability],
        tags=[(tag.key, tag.name) for tag in all_tags(reading())],
    )


@blueprint.get("/new")
@requires("contact", "edit")
def new() -> Any:
    """Ask for a new contact; `?site=` names where they are."""
    form = ContactForm(formdata=None, site=request.args.get("site", "")[:253])
    return render_template("contacts/edit.html", form=form, contact=None, known=None)


@blueprint.post("/")
@requires("contact", "edit")
def create() -> Any:
    """Add a contact."""
    form = ContactForm()
    if not form.validate():
        return render_template("contacts/edit.html", form=form, contact=None, known=None), 422
    try:
        contact = keep_contacts.add_contact(
            web().database, scope(), _details(form), key=web().key, now=utc_now()
        )
    except (Invalid, KnownAddress) as error:
        return _refused(form, None, error)
    say(f"Added {contact.display_name}.", "success")
    return redirect(url_for("contacts.show", contact_id=contact.id), 303)


def _details(form: ContactForm) -> ContactDetails:
    if not form.site.data:
        return form.to_details(None)
    with writing() as session:
        site_id = site_of(session, form.site.data, now=utc_now()).key
    return form.to_details(site_id)


def _refused(form: ContactForm, contact: Contact | None, error: Invalid | Conflict) -> Any:
    known = None
    if isinstance(error, KnownAddress):
        known = get_contact(reading(), error.contact_id)
        form.address.errors = [str(error)]
    else:
        form.form_errors.append(str(error))
    return render_template("contacts/edit.html", form=form, contact=contact, known=known), 422


@blueprint.get("/<int:contact_id>")
@requires("contact", "view")
def show(contact_id: int) -> Any:
    """Show a contact; one that was merged leads to the one it was merged into."""
    contact = get_contact(reading(), contact_id)
    if contact.merged_into_id is not None:
        return redirect(url_for("contacts.show", contact_id=contact.merged_into_id))
    view = contact_view(reading(), contact, now=utc_now())
    return render_template(
        "contacts/show.html",
        view=view,
        contact=contact,
        now=utc_now(),
        story=timeline_items(view.timeline),
        form=DeliverabilityForm(formdata=None),
        may_edit=may(role(), "contact", "edit"),
        may_erase=may(role(), "contact", "erase"),
        **annotation_context("contact", contact_id),
    )


@blueprint.get("/<int:contact_id>/edit")
@requires("contact", "edit")
def edit(contact_id: int) -> Any:
    """Ask for changes to a contact."""
    contact = get_contact(reading(), contact_id)
    form = ContactForm(
        formdata=None,
        obj=contact,
        site=domain_of(reading(), contact.site_id),
        found_on=contact.found_at.date() if contact.found_at else None,
    )
    return render_template("contacts/edit.html", form=form, contact=contact, known=None)


@blueprint.post("/<int:contact_id>")
@requires("contact", "edit")
def save(contact_id: int) -> Any:
    """Change a contact."""
    contact = get_contact(reading(), contact_id)
    form = ContactForm()
    if not form.validate():
        return render_template("contacts/edit.html", form=form, contact=contact, known=None), 422
    try:
        keep_contacts.edit_contact(
            web().database, scope(), contact_id, _details(form), key=web().key, now=utc_now()
        )
    except (Invalid, Conflict) as error:
        return _refused(form, contact, error)
    say("Saved the contact.", "success")
    return redirect(url_for("contacts.show", contact_id=contact_id), 303)


@blueprint.post("/<int:contact_id>/deliverability")
@requires("contact", "edit")
def set_deliverability(contact_id: int) -> Any:
    """Mark that mail does not arrive, for a reason; without one, that it does."""
    get_contact(reading(), contact_id)
    form = DeliverabilityForm()
    because = (form.because.data or "").strip() if form.validate() else ""
    keep_contacts.set_reachable(web().database, scope(), contact_id, because=because, now=utc_now())
    say("Marked as undeliverable." if because else "Marked as deliverable.", "success")
    return redirect(url_for("contacts.show", contact_id=contact_id), 303)


@blueprint.get("/<int:contact_id>/export.json")
@requires("contact", "edit")
def export(contact_id: int) -> Any:
    """Hand out everything held about a person, as they may ask for it."""
    contact = get_contact(reading(), contact_id)
    held = everything_about(reading(), contact, now=utc_now())
    body = json.dumps(held, indent=2, ensure_ascii=False)
    name = f"person-{contact_id}.json"
    return Response(
        body,
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/<int:contact_id>/erasure")
@requires("contact", "erase")
def confirm_erasure(contact_id: int) -> Any:
    """Say what erasing means before it is done: it cannot be undone."""
    contact = get_contact(reading(), contact_id)
    return render_template("contacts/erase.html", contact=contact, form=ErasureForm(formdata=None))


@blueprint.post("/<int:contact_id>/erasure")
@requires("contact", "erase")
def erase(contact_id: int) -> Any:
    """Erase a person for good."""
    contact = get_contact(reading(), contact_id)
    form = ErasureForm()
    if not form.validate():
        return render_template("contacts/erase.html", contact=contact, form=form), 422
    erase_person(web().database, scope(), contact_id, now=utc_now())
    say("Erased this person. A keyed hash stays, so that nobody writes to them again.", "success")
    return redirect(url_for("contacts.index"), 303)


@blueprint.post("/offers/<int:found_contact_id>/acceptance")
@requires("contact", "edit")
def accept_offer(found_contact_id: int) -> Any:
    """Make an address a page showed a contact."""
    offer = get_offer(reading(), found_contact_id)
    form = AcceptOfferForm()
    name = (form.name.data or "") if form.validate() else ""
    try:
        contact = keep_contacts.accept_offer(
            web().database, scope(), found_contact_id, name=name, key=web().key, now=utc_now()
        )
    except KnownAddress as error:
        complain(error)
        return redirect(url_for("contacts.show", contact_id=error.contact_id), 303)
    say(f"Added {contact.display_name}.", "success")
    return redirect(_page_of_site(offer.site_id), 303)


@blueprint.post("/offers/<int:found_contact_id>/dismissal")
@requires("contact", "edit")
def dismiss_offer(found_contact_id: int) -> Any:
    """Put a found address aside."""
    with writing() as session:
        offer = get_offer(session, found_contact_id)
        services.dismiss_offer(session, offer, now=utc_now())
    undo = url_for("contacts.reopen_offer", found_contact_id=found_contact_id)
    say("Dismissed the address.", "success", undo_url=undo)
    return redirect(_page_of_site(offer.site_id), 303)


@blueprint.post("/offers/<int:found_contact_id>/dismissal/undo")
@requires("contact", "edit")
def reopen_offer(found_contact_id: int) -> Any:
    """Offer a dismissed address again."""
    with writing() as session:
        offer = get_offer(session, found_contact_id)
        services.reopen_offer(session, offer)
    return redirect(_page_of_site(offer.site_id), 303)


def _page_of_site(site_id: int) -> str:
    prospect = find_prospect_of_site(reading(), site_id)
    if prospect is None:
        return url_for("contacts.index")
    return f"/prospects/{prospect.key}#contacts"
