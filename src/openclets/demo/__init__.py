"""The invented state: its people, agencies and records, the police work it lives, and the examples to try.

Everything here is made from a seed, in the reserved synthetic ranges (messages.md 10); nothing describes a
real person, plate or agency. Front page of the making: `world`. It knows nothing of how the network is wired
or served.
"""
