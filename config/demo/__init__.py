"""The demo: an agency, two brands, their people and a month of posts, made through the product's own verbs."""
