"""A local page that shows the finished mail and follows every save. It is given what builds, and the paths."""
