"""The report as one HTML file: figures, charts, the page."""
