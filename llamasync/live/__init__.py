"""The API as it is now becomes Live. Reads only."""
