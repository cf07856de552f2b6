"""Mastodon and the servers that speak its API: GoToSocial, Pleroma, Akkoma, Pixelfed, Takahe."""
