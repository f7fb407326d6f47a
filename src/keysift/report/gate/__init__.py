"""What ``keysift check`` reports."""
