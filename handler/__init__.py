"""What the function runs: reads a raw file, sorts its rows, commits; knows only lake."""
