"""What all commands share: how one is added, in which language it speaks, where its text goes.

Messages, progress and the lock; knows no command.
"""
