"""What people are told: cards for chats, letters for mail, and the deliveries that carry both."""
