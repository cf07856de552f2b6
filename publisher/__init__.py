"""Getting approved content to platforms, and hearing back."""
