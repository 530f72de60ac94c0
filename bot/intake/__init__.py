"""Mail in: how a raw mail becomes clean text, people and parts, and what the desk makes of it."""
