"""What llamasync remembers: bindings of addresses to live objects, the journal of intents, the lock."""
