"""A small social network to try the product with and to test against."""
