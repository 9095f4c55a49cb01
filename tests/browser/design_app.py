"""A small application around the component pages, with the security headers of the real one."""

from __future__ import annotations

import secrets
from typing import Any

from flask import (
    Flask,
    Response,
    g,
    redirect,
    render_template,
    render_template_string,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.file import FileField
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import URL, InputRequired

from outreach.core import paths

POLICY = (
    "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

STAGES = (
    ("in_conversation", "expected", "follow", "Today"),
    ("committed", "live", "follow", "Yesterday"),
    ("following_up", "", "", "3 days ago"),
    ("pitched", "", "", "6 days ago"),
    ("won", "live", "follow", "2 weeks ago"),
    ("won", "live_changed", "nofollow", "3 weeks ago"),
    ("ready", "", "", "never"),
    ("qualified", "", "", "never"),
    ("identified", "", "", "never"),
    ("won", "unverifiable", "sponsored", "4 weeks ago"),
    ("lost", "lost", "", "5 weeks ago"),
    ("declined", "", "", "6 weeks ago"),
)
SITES = [
    "northwind-gardening.example",
    "meadow-journal.example",
    "soil-and-seed.example",
    "thegardenbench.example",
    "allotment-weekly.example",
    "rootstock.example",
    "kitchen-herbs.example",
    "compost-science.example",
    "balcony-growers.example",
    "permaculture-library.example",
    "urban-orchard.example",
    "old-roses.example",
]


class NoteForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    note = TextAreaField("Note", [InputRequired()])
    upload = FileField("File")


class AssetForm(FlaskForm):  # type: ignore[misc]
    url = StringField(
        "Page",
        [InputRequired(), URL(message="This is not a web address.")],
        description="The page of ours that is worth a link.",
    )
    kind = SelectField(
        "Kind", choices=[SelectChoice("guide", "Guide"), SelectChoice("tool", "Tool")]
    )
    hook = TextAreaField(
        "Why it is worth a link", description="One or two sentences a stranger would believe."
    )
    follow = RadioField(
        "Hoped for",
        choices=[SelectChoice("follow", "A follow link"), SelectChoice("any", "Any link")],
        default="follow",
    )
    is_live = BooleanField(
        "The page is online", description="Pages that are not online are never pitched."
    )


class SignInForm(FlaskForm):  # type: ignore[misc]
    email = StringField("Email address", [InputRequired("Enter your email address.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])


def _navigation(current: str) -> list[dict[str, Any]]:
    places = [
        ("Today", "/today", "list-checks", 7, "t", "main"),
        ("Prospects", "/list", "globe", None, "p", "main"),
        ("Contacts", "/contacts", "users", None, "c", "main"),
        ("Inbox", "/inbox", "inbox", 3, "i", "main"),
        ("Links", "/record", "link", None, "l", "main"),
        ("Campaigns", "/campaigns", "megaphone", None, "", "main"),
        ("Reports", "/reports", "chart-column", None, "r", "main"),
        ("Settings", "/settings", "settings", None, "", "foot"),
        ("Help", "/", "circle-help", None, "", "foot"),
    ]
    names = ("label", "url", "icon", "count", "key", "group")
    return [
        {**dict(zip(names, place, strict=True)), "is_current": place[1] == current}
        for place in places
    ]


def _context() -> dict[str, Any]:
    g.setdefault("nonce", secrets.token_urlsafe(16))
    return {
        "navigation": _navigation(request.path),
        "workspace": {"name": "Fernhill Seeds", "id": 1},
        "workspaces": [{"name": "Fernhill Seeds", "id": 1}, {"name": "Kessel Kitchens", "id": 2}],
        "person": {
            "name": "Mina Okafor",
            "email": "mina@fernhill.example",
            "density": request.args.get("density", "comfortable"),
            "theme": request.args.get("theme", "system"),
            "has_single_keys": session.get("keys", "yes") == "yes",
        },
        "csp_nonce": g.nonce,
        "search_url": "/search",
        "search_text": "",
        "flashes": session.pop("flashes", []),
        "switch_workspace_url": "/echo",
        "profile_url": "/profile",
        "sign_out_url": "/echo",
    }


def _policy(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY.format(nonce=g.get("nonce", "none"))
    return response


def _wrong(form: FlaskForm) -> FlaskForm:
    form.validate()
    return form


def _rows() -> list[dict[str, Any]]:
    rows = []
    for place, site in enumerate(SITES):
        stage, link, rel, contact = STAGES[place]
        score = None if place == 8 else 88 - 5 * place
        low, high = (None, None) if score is None or place == 3 else (score - 4 - place, score + 5)
        rows.append(
            {
                "site": site,
                "score": score,
                "low": low,
                "high": high,
                "stage": stage,
                "link": link,
                "rel": rel,
                "contact": contact,
                "domains": f"{48210 // (place + 1):,}",
                "owner": ("Mina Okafor", "Tomas Lindqvist")[place % 2],
            }
        )
    return rows


def create_design_app() -> Flask:
    """Build the application; every page it serves stands in templates/design."""
    app = Flask(
        __name__,
        template_folder=str(paths.shipped("templates")),
        static_folder=str(paths.static_folder()),
    )
    app.config.update(SECRET_KEY=secrets.token_hex(), WTF_CSRF_SSL_STRICT=False)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["asset_url"] = lambda name: url_for("static", filename=name)
    app.jinja_env.globals["frame_part"] = lambda name, for_all=False: Markup(render_template(name))
    CSRFProtect(app)
    app.context_processor(_context)
    app.after_request(_policy)
    _add_pages(app)
    _add_answers(app)
    return app


def _add_pages(app: Flask) -> None:
    @app.get("/")
    def gallery() -> ResponseReturnValue:
        form = AssetForm(MultiDict({"url": "htp://exmple", "kind": "tool"}), meta={"csrf": False})
        return render_template("design/gallery.html", form=NoteForm(), wrong_form=_wrong(form))

    @app.get("/list")
    def prospect_list() -> ResponseReturnValue:
        return render_template("design/list.html", rows=_rows())

    @app.get("/record")
    def record() -> ResponseReturnValue:
        return render_template("design/record.html", panel="panel" in request.args)

    @app.get("/sign-in")
    def sign_in() -> ResponseReturnValue:
        return render_template(
            "design/sign_in.html", wrong_form=_wrong(SignInForm(MultiDict(), meta={"csrf": False}))
        )

    @app.get("/missing")
    def missing() -> ResponseReturnValue:
        message = "Nothing is here. It may have been deleted, or belong to another workspace."
        return render_template(
            "errors/error.html", status=404, heading="Not found", message=message
        ), 404

    @app.get("/broken")
    def broken() -> ResponseReturnValue:
        return render_template("errors/500.html"), 500


def _add_answers(app: Flask) -> None:
    @app.get("/progress")
    def progress() -> ResponseReturnValue:
        return render_template_string(
            '{% from "components/feedback.html" import progress %}'
            '{{ progress("import", "Read prospects.csv", 9842, 9842, "9,842 rows in 3 s") }}'
        )

    @app.post("/refuse")
    def refuse() -> ResponseReturnValue:
        return '<p id="answer">Row 214 needs mending.</p>', 422

    @app.post("/echo")
    def echo() -> ResponseReturnValue:
        flash = {"text": "Approved 3 prospects.", "kind": "success", "undo_url": "/undo"}
        session["flashes"] = [flash]
        return redirect(request.referrer or "/")

    @app.get("/palette/", endpoint="palette.find")
    def find() -> ResponseReturnValue:
        return {"actions": [], "records": []}

    @app.post("/profile/single-keys", endpoint="profile.save_keys")
    def save_keys() -> ResponseReturnValue:
        session["keys"] = request.form["on"]
        return "", 204

    @app.post("/undo")
    def undo() -> ResponseReturnValue:
        session["flashes"] = [{"text": "Taken back.", "kind": "success", "undo_url": None}]
        return redirect(request.referrer or "/")
