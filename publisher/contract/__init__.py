"""What every adapter promises and may lean on. No Django and no rows below this folder."""
