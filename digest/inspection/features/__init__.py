"""What a mail uses of HTML and CSS, and what it costs a reader whose program lacks it."""
