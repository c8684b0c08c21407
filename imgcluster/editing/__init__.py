"""What a person changes in the clusters by hand: pure functions, and a history of which nothing is ever dropped."""
