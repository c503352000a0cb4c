"""The kill campaign: real workers on real homes, killed at named points or at random, and judged by a journal.

The worker is a process of its own that runs the whole house against an emulator in this process. It dies by
SIGKILL, is started again without a saboteur, and must finish. What the emulator wrote down, not what the
product believes, says whether a video was published twice, lost, or came out changed.
"""
