"""Local stand-ins for the providers of voices and scripts, and for Stripe, in their official wire formats.

One file for each vendor; what they share (serving, refusing, sound, prose) has files of its own.
"""
