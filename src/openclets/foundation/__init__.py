"""Clock, identifiers, errors, settings, database, canonical encoding.

The ground every slice stands on. It knows nothing of police work, keeps no state of its own,
and imports nothing of ours. What varies between runs (time, randomness) is passed in by the caller.
"""
