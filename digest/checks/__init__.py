"""What would embarrass us if it were sent: one file a check."""
