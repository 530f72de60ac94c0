"""Mail: mailboxes over IMAP, letters over SMTP. Whoever has read this knows how a platform is connected."""
