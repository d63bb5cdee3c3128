"""The face: what an editor types, and what they read in answer."""
