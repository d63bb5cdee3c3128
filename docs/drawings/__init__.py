"""What the pictures of the sample publication show."""
