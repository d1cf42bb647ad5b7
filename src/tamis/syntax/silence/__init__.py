"""Electoral silence: the rules, how they are read, and when each begins and ends."""
