"""Police work on record: incidents, units, shifts, assignments, stops, court days, broadcasts, and when
we learned each.

Filled by feeds of dispatch and rostering systems (`feed.py`), so that a look-up can be held against the
work it is said to serve. It judges no look-up: the rules and detection do. An agency without a feed is
marked so in the directory, and nothing is refused there for a missing incident (decisions.md 13). Enters
`DutyFeedReceived`, `DutyFeedRefused`.
"""
