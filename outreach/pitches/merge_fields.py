"""The merge fields a pitch template may use: the whole vocabulary, one line of help each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MergeField:
    """A name a template may use, what it stands for, and how a filled one looks."""

    name: str
    means: str
    example: str
    is_list: bool = False


MERGE_FIELDS: tuple[MergeField, ...] = (
    MergeField("contact.first_name", "First name of the person we write to", "Nora"),
    MergeField("contact.last_name", "Family name of the person", "Lindqvist"),
    MergeField("contact.name", "Full name of the person", "Nora Lindqvist"),
    MergeField("contact.role", "The person's role or title", "Editor"),
    MergeField("contact.outlet", "The publication the person writes for", "Garden Weekly"),
    MergeField("contact.beat", "What the journalist covers", "urban gardening"),
    MergeField("prospect.domain", "Domain of the site", "gardenweekly.example"),
    MergeField("prospect.title", "Name of the site", "Garden Weekly"),
    MergeField("page.url", "Address of their page", "https://gardenweekly.example/soil"),
    MergeField("page.title", "Title of their page", "Ten books about soil"),
    MergeField("page.topic", "Topic of their page", "soil"),
    MergeField("asset.title", "Title of our page", "The soil atlas"),
    MergeField("asset.url", "Address of our page", "https://ours.example/soil-atlas"),
    MergeField("asset.summary", "What our page is, in a sentence or two", "Maps of 40 soils."),
    MergeField("asset.hook", "Why their readers would care", "It is the only free atlas."),
    MergeField(
        "asset.anchors", "Suggested anchor texts", "soil atlas, maps of soils", is_list=True
    ),
    MergeField("asset.topics", "Topics of our page", "soil, gardening", is_list=True),
    MergeField("sender.name", "Name of the mailbox's owner", "Jo Meyer"),
    MergeField("sender.first_name", "First name of the mailbox's owner", "Jo"),
    MergeField("sender.email", "Address the mail is sent from", "jo@ours.example"),
    MergeField("sender.signature", "Signature of the mailbox", "Jo Meyer, Ours"),
    MergeField("sequence.first_subject", "Subject of the first mail", "Your page about soil"),
    MergeField("sequence.days_since_first", "Days since the first mail", "4"),
    MergeField("personal", "The sentence written for this one person", "I tried your compost."),
)
