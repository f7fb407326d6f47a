"""See keysift."""
