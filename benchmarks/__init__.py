"""What the lake is measured against; imports anything, is imported by nothing."""
