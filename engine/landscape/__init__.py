"""The loss landscape: planes through the path of training, the true loss on them, and what a plane hides."""
