"""What people say back, and how it is answered."""
