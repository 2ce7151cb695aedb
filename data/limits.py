"""All limits of members' input and of the program: lengths, numbers, spans of time.

Imports nothing of this project. Limits that SQL also checks are in ``data/schema.sql``.
"""

from __future__ import annotations

from datetime import time, timedelta

# Typed text, in characters.
LONGEST_TITLE = 100
LONGEST_PLACE = 100
LONGEST_ABOUT = 500
SHORT_ABOUT = 150
"""Up to this length it stands above the buttons of a card; a longer text is below them."""
LONGEST_DETAIL = 100
"""Any other text of a session's details."""
LONGEST_NOTE = 100
MOST_LINES = 10
"""Of a typed text with several lines, where it is shown beside others."""
MOST_MARKS = 4
"""On one letter: Hebrew with points, Thai and Vietnamese need no more."""
LONGEST_TYPED_PHRASE = 500
"""A phrase for "when" in a command or form."""
LONGEST_READ_PHRASE = 1000
"""The longest phrase for "when" that is parsed; a complicated rule in words is longer than 500."""
MOST_READ_TOKENS = 180
"""Of such a phrase, so that none takes long to parse; 80 dates that are left out fit."""
LONGEST_SHOWN_RULE = 950
"""Of a rule in words, in a preview."""
SHORT_RULE = 200
"""So much of it is shown however long the card is."""
LONGEST_ZONE = 50
"""The longest name of a zone is shorter; together with a channel it fits into a button's id."""
LONGEST_SPAN = 20
LONGEST_SPANS = 52
"""Lengths of time as typed in the forms of the settings; two fields fit into a button's id."""
LONGEST_DAILY_RANGE = 30
"""Hours of the day as typed in the settings; with a role they fit into a button's id."""
LONGEST_LIMIT = 4
"""Digits of a limit as typed in the settings; five fields fit into a button's id."""
LONGEST_ATTENDANCE = 50
"""A phrase for when a member will be there; it fits into a button's id."""
LONGEST_CLOSE_TYPED = 40
"""A length of time in the form for seats and tone; four fields fit into a button's id."""

# A session.
DEFAULT_LENGTH = timedelta(hours=3)
LONGEST_SESSION = timedelta(hours=24)
MOST_SEATS = 1000
MOST_GUESTS = 9
"""The most guests that a host can allow each member."""
LONGEST_CLOSE = timedelta(weeks=4)
"""How long before its start a session can close its answers."""
SMALL_MOVE = timedelta(hours=1)
"""After a move by up to this, on the same day, answers need no confirmation."""
CORRECTABLE_FOR = timedelta(days=1)
"""How long after the end of a session members may still say whether they were there."""

CORRECTIONS_TOGETHER = timedelta(minutes=2)
"""How long a notice of a move waits, so that corrections join it."""
MOST_MOVES = 3
"""How often a host who is no organizer may move a date of which members know."""
MOVES_APART = timedelta(hours=1)
"""The least time between two of these moves."""

MOST_GIVEN_UP = 2
"""A member who gave up a session's seat so often gets none by itself; see index rsvp_waiting."""

# A series.
SESSIONS_AHEAD = timedelta(weeks=8)
"""How far ahead the sessions of a series are created."""
EXTEND_AFTER = timedelta(days=6)
"""After how long the next dates of a series are added."""
EMPTY_IN_A_ROW = 3
"""After this many dates to which nobody came, the host is asked whether to go on."""
LONGEST_INTERVAL = 100
"""The largest interval of a rule: "every 100 weeks"."""
MOST_TIMES = 1000
"""The largest COUNT of a rule: "1000 times"."""
FURTHEST_AHEAD = timedelta(days=5 * 365 + 1)
"""How far ahead a session or the first date of a series can be."""
LONGEST_DURATION = timedelta(weeks=520)
"""The longest length of time that is parsed."""
DRAFT_KEPT_FOR = timedelta(days=1)
"""How long a draft is kept for the buttons of its preview."""

# Invitations: to come, and to host.
INVITATIONS_TO_EACH = 2
"""The most that one person gets in a server within INVITATIONS_WINDOW."""
INVITATIONS_BY_EACH = 10
"""The most that one person sends in a server within INVITATIONS_WINDOW."""
INVITATIONS_WINDOW = timedelta(days=1)
INVITATION_USEFUL_FOR = timedelta(weeks=2)
"""How late an invitation to a whole series may still arrive."""

# The settings of a channel.
DEFAULT_ANNOUNCE_BEFORE = timedelta(days=6)
LONGEST_ANNOUNCE_BEFORE = timedelta(weeks=7)
"""Sessions of a series are certain to exist this far ahead, also if the clocks go back."""
DEFAULT_REMINDERS = (timedelta(days=1), timedelta(hours=1))
MOST_REMINDERS = 5
SHORTEST_REMINDER, LONGEST_REMINDER = timedelta(minutes=1), timedelta(weeks=4)
DEFAULT_OFFER_WITHIN = timedelta(hours=12)
"""From this long before a start, free seats are offered to waiting members instead of given."""
LONGEST_OFFER_WITHIN = timedelta(weeks=1)
DEFAULT_OFFER_FOR = timedelta(hours=1)
"""How long a member has to take an offered seat."""
SHORTEST_OFFER_FOR, LONGEST_OFFER_FOR = timedelta(minutes=5), timedelta(days=1)
QUIET_FROM, QUIET_UNTIL = time(22), time(8)
"""Between these nobody is notified, unless organizers choose other hours."""
TOLD_BEFORE_START = timedelta(hours=3)
"""What is about a session that starts sooner after quiet hours does not wait for their end."""
CHANGE_TOLD_WITHIN = timedelta(hours=12)
"""Neither does word that a session moves, or is called off, so long before its start."""
SHORTEST_OFFER = timedelta(minutes=5)
"""If a third of the time to the start is less, the time to the session's end is used instead."""

# What one person who is no organizer may have in a server, until organizers raise it.
MOST_JELLIES_EACH = 10
"""Jellies ahead outside series."""
MOST_SERIES_EACH = 3
MOST_CHANGES_EACH = 20
"""Changes of jellies in each CHANGES_WINDOW."""
MOST_TOLD_EACH = 40
"""Cards, moves and callings-off of a person's jellies in each CHANGES_WINDOW, after which they
change no more; nobody raises this one. The change that reaches it may be that of a series."""
MOST_EXTRA_DATES = 10
"""Dates ahead that a series has beside its rule, or that were changed individually."""
CHANGES_WINDOW = timedelta(hours=1)
MOST_DRAFTS_EACH = 5
"""Nobody raises this one: the oldest draft just goes."""

# What one channel may have, until organizers raise it; the same for everybody.
MOST_CARDS = 100
"""Dates ahead whose cards stand at the same time."""
MOST_SERIES = 50
LEAST_LIMITS, MOST_OF_ANY = (0, 0, 1, 1, 1), 1000
"""The lowest and the highest values of these limits, in the order of the fields of Limits."""

# Calling off everything by one person.
CALLED_OFF_PER_STEP = 50
"""Dates in one transaction; the last series of a step may have more."""
CALLED_OFF_AT_ONCE = 500
"""Dates in one press, which Discord waits for; the rest needs another."""
CALLED_OFF_NAMED = 5

# What is kept about people, at most: the operator may choose less.
ANSWERS_KEPT_FOR = timedelta(days=30)
"""How long notes, moods, hours and times of arriving are kept after the end of their date."""
MESSAGES_KEPT_FOR = timedelta(days=90)
"""How long it is kept that a message was sent, and to whom."""
CHANGES_KEPT_FOR = timedelta(days=90)
REWRITES_APART = timedelta(minutes=5)
"""The least time between two rewritings of the file, for which every change waits."""
COPIES_KEPT_FOR = timedelta(days=30)
"""How long copies made before an upgrade or a restore are kept: they hold what was deleted."""

# The change log.
CHANGES_SEARCHED = 1000
"""How many changes of a server are searched for those that a person may read."""

# When messages are due, and how late they are still useful.
START_USEFUL_FOR = timedelta(minutes=30)
"""A message that says "starts now" is wrong later than this."""
ASK_UNDECIDED_BEFORE = timedelta(days=1)
"""How long before answers close, or before the start, members who said maybe are asked."""
DECIDED_WITHIN = timedelta(hours=6)
"""A reminder that comes so long before answers close, or earlier, asks them as well."""
DAY_BEFORE_UNTIL = timedelta(hours=12)
"""A reminder that comes later than this before the start is not one of the day before."""
LOOK_FOR_HOST_BEFORE = timedelta(days=1)
"""How long before the start it is looked up whether the host is still in the server."""
SUMMARY_AFTER = timedelta(hours=1)
"""How long after the end the host is told who came: late enough for most corrections."""
SUMMARY_USEFUL_FOR = timedelta(weeks=1)
QUESTION_USEFUL_FOR = timedelta(weeks=2)
NOTICE_STANDS_FOR = timedelta(days=1)
"""How long a notice that asks nothing, such as that of a seat, stands in the channel."""
THANKS_AT = timedelta(hours=10)
"""The wall time, on the first of the next month, at which a month's hosts are thanked."""
THANKS_USEFUL_FOR = timedelta(weeks=2)
FAILURES_USEFUL_FOR = timedelta(weeks=1)

# Servers that removed the bot.
MISSING_FOR = timedelta(hours=24)
"""A server that Discord does not name at two logins this far apart has removed the bot."""
REMOVED_KEPT_FOR = timedelta(days=30)
"""After how long the data of a server that removed the bot are deleted."""
SETTLED_AT_ONCE = 25
"""Sessions that are withdrawn, or planned anew, in one transaction after a removal or return."""
DELETED_AT_ONCE = 100
"""Rows of a server that are deleted in one transaction, with what belongs to them."""

# What a list or a card names.
CHANGES_LISTED = 10
"""Changes on a page of the log."""
NAMES_GOING = 24
"""Members going whom a card or a summary knows; the others are only counted."""
NAMES_MAYBE = 12
CARD_NAMES, CARD_MAYBES = 8, 4
"""How many of them a card names: four lines on a phone, and one."""
LAST_TIMES = 10
"""Of what a person scheduled last, whose places and seats are offered first for a new jelly."""
LOOKED_BACK_TO_REPEAT = timedelta(days=366)
"""How long after its end a session can be repeated with a new date."""
DATES_ON_A_PAGE = 5
"""Of those that can be answered from a list: their buttons are most of what a message may hold."""
LISTED = 20
"""Jellies, people or visits of which a page of a list shows as many as its message holds."""
MOST_COUNTED = 1000
"""How long a list is counted to be at most."""
OWN_ANSWERS_SEARCHED = 200
"""Latest answers of a member, in which those to sessions ahead are found."""
SESSIONS_SEARCHED = SERIES_SEARCHED = 500
"""How many are searched for what someone types."""
DATES_SHOWN = 3
"""Next dates of a rule in a preview."""
DATES_NAMED = 5
"""Of the dates that are called off, those that are named."""
PAST_SESSIONS_COUNTED = 500
"""Sessions in a history."""
PROBLEMS_SHOWN_FOR = timedelta(days=7)
"""How long an organizer's list shows what could not be posted."""

# The outbox.
MENTIONS_PER_MESSAGE = 40
"""40 mentions of 23 characters leave room for the longest title and two places in the 2,000
characters of a message; https://discord.com/developers/docs/resources/message#create-message.
"""
MOST_NOTICES = 6
"""Notices that a session may have in its channel in each NOTICES_WINDOW; what members cause beyond
that waits. Moves, calling off and what is planned are not delayed, and count."""
MOST_NOTICES_OF_CHANNEL = 60
"""What members cause, about all sessions of a channel; beyond that it waits, too."""
MOST_NEWCOMER_WORDS = 6
"""Private messages about newcomers that one host gets in each NOTICES_WINDOW; others wait."""
NOTICES_WINDOW = timedelta(hours=1)
CARD_ROLE_EVERY = timedelta(hours=1)
"""The least time between two cards of a channel that mention a role."""
SEAT_TOLD_FOR = timedelta(hours=1)
"""How long after word of their seat a reminder names a member without notifying them."""
DUE_LOOKED_AT = 500
"""How many due rows a claim searches for free channels."""
NEWCOMERS_TOGETHER = timedelta(minutes=10)
"""How long a message about a newcomer waits, so that others can join it."""
FAILURES_TOGETHER = timedelta(minutes=1)
"""How long a message about a failure waits, so that others of the same host can join it."""
ALERT_EVERY = timedelta(days=1)
"""The least time between two messages to a server's organizers about failures."""
MOST_OPENINGS = 5
"""New private channels in each OPENINGS_WINDOW; bots were blocked for bursts of 25 to 40."""
OPENINGS_WINDOW = timedelta(minutes=1)
OPENINGS_REFUSED_FOR = timedelta(minutes=10)
"""How long no private channel is opened after Discord refused to open one."""
OVERDUE_AFTER = timedelta(minutes=1)
"""A message should have arrived this long after it was due, even if many are due at once."""
FAILURES_LOOKED_BACK = timedelta(days=30)
"""How far back the doctor command searches for messages that never arrived."""
FAILURES_TOLD_ONE_BY_ONE = 5
"""Messages that never arrived, of which an organizer or the doctor reads one by one."""

# What a message shows, besides the members above.
CARD_HOURS = 12
"""Hours that a card shows one by one; a longer session has larger steps."""
CARD_NOTES = 3
QUIET_MENTIONS = 10
"""Members whom a notice names without notifying them."""
LOOKED_BACK = timedelta(days=30)
"""How long after its end a session's list can be looked up by name."""
LONGEST_ECHO = 60
"""Characters of what was typed that a refusal repeats."""
LONGEST_QUOTE = 100
"""Characters of foreign text that the doctor repeats."""

# The most in one step of the program, so that others get their turn.
PLANNED_AT_ONCE = 50
"""Sessions that are planned anew in one transaction."""
PASSED_AT_ONCE = 500
"""Moments at which sessions change by the clock."""
LAGGING_AT_ONCE = 500
"""Mirrors that lag."""
PROBLEMS_LOOKED_AT = 500
"""The latest messages that did not arrive, or may have come twice."""
RETRIED_AT_ONCE = 500
IN_USE_LOOKED_AT = 500
"""Sessions, series and messages in which the doctor looks for channels and zones."""

# What Discord allows, and less if other text needs room in the same message.
LONGEST_MESSAGE = 2000
"""https://discord.com/developers/docs/resources/message#create-message."""
LONGEST_CARD = 3900
"""Discord allows 4,000 characters of text in one message; the rest is a reserve."""
LONGEST_BLOCK = 1900
"""Of a code block with its fences."""
LONGEST_FILENAME = 60
LONGEST_LABEL = 80
"""https://discord.com/developers/docs/components/reference#button."""
MOST_IN_ROW = 5
"""https://discord.com/developers/docs/components/reference#action-row."""
MOST_INSTEAD = MOST_IN_ROW
"""Phrases offered as buttons."""
MOST_OPTIONS, LONGEST_OPTION = 25, 100
"""https://discord.com/developers/docs/components/reference#string-select."""
MOST_CHOICES, LONGEST_CHOICE = 25, 100
"""https://discord.com/developers/docs/interactions/application-commands#autocomplete."""
LONGEST_FIELD_DESCRIPTION = 100
"""https://discord.com/developers/docs/components/reference#label."""
LONGEST_FORM_TITLE = 45
"""https://discord.com/developers/docs/interactions/receiving-and-responding#modal."""
LONGEST_ALT_TEXT = 1024
"""https://discord.com/developers/docs/resources/message#attachment-object."""
