"""Resources with their places, and what every part of rendering shares."""
