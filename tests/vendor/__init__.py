"""Files of others that tests use, each with its licence and checksum."""
