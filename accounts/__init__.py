"""People and walls: who somebody is, and which brands they may touch."""
