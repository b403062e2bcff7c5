"""The tables. Ids, times and states are plain; every `LargeBinary` column is sealed content (`bot.vault`)."""

from bot.db.tables.asking import AskedQuestion, Draft, Enrolment, Occurrence, SequenceVersion
from bot.db.tables.base import Base
from bot.db.tables.coaching import Blocker, CalendarFile, Engagement, Evidence, Note, Session
from bot.db.tables.people import Audit, Consent, Expecting, Invite, Marker, Person
from bot.db.tables.post import Delivery, Digest, Disclosure, Inbound, Lease
from bot.db.tables.saying import Alias, Answer, AnswerPart, Pin, Plan, Recording

__all__ = [
    "Alias",
    "Answer",
    "AnswerPart",
    "AskedQuestion",
    "Audit",
    "Base",
    "Blocker",
    "CalendarFile",
    "Consent",
    "Delivery",
    "Digest",
    "Disclosure",
    "Draft",
    "Engagement",
    "Enrolment",
    "Evidence",
    "Expecting",
    "Inbound",
    "Invite",
    "Lease",
    "Marker",
    "Note",
    "Occurrence",
    "Person",
    "Pin",
    "Plan",
    "Recording",
    "SequenceVersion",
    "Session",
]
