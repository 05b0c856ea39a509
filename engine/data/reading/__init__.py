"""From the bytes of a file to the cells of its columns: every row accounted for, every repair told."""
