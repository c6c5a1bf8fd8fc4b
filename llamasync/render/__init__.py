"""Values become text, JSON, Markdown, SARIF, JUnit and progress. No decisions."""
