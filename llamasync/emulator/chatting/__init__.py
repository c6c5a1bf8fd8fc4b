"""What a chat says: an answer out of retrieved text, and the events that it is told in."""
