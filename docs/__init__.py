"""What the README is illustrated with, and the programs that make it; imported by nobody."""
