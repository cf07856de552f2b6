"""The walls, looked at from outside: every address of the program, every kind of visitor."""
