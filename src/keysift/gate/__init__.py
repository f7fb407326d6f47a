"""The gate before publishing: what wheels and sdists must not hold (`keysift check`)."""
