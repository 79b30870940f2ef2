"""What the dashboard host runs: pages, panels, exports; knows only lake and queries."""
