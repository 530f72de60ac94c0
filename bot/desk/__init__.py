"""The ticket desk: what can be done to a ticket, by whom, until when. It knows no platform."""
