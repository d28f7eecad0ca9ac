"""The chaos engine: breaks code that parses the way people break it, and knows the edits that mend it again."""
