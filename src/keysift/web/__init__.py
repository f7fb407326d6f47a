"""The dashboard: pages, their security, and a JSON API over a store."""
