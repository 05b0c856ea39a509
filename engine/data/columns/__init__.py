"""What a column holds, what it is good for, and what to predict."""
