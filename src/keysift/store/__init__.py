"""What is known over the years: tables, migrations, what a crawl writes, what a user asks."""
