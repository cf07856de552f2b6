"""The sandbox, seen from outside: a real process, asked by clients that know nothing of it."""
