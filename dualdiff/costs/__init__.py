"""What derivatives cost: operations counted on numbers that tally what is done to them, and the memory of a tape."""
