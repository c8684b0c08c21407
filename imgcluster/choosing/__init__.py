"""How many clusters: scores of every k, and a recommendation made from them."""
