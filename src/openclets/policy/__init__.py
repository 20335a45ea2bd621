"""May this be asked, of this record class, for this purpose; and which rule says so.

Rules are Cedar policies in `rulesets/`, each with its citation; a rule set is named by its digest and every
entry carries it. Any error while deciding refuses. It does no I/O and keeps nothing; contents page:
`decide.py`.
"""
