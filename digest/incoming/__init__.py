"""What comes from outside, read: feeds, pages, texts, lists of links; bytes in, plain words out."""
