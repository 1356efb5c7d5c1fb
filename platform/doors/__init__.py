"""What every HTTP door shares: who asks, strict input, problems, pages, idempotency, rates. Knows no room."""
