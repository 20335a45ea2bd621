"""The command line: one file a noun. Commands read settings, call a slice, print, and map errors to
exit codes.
"""
