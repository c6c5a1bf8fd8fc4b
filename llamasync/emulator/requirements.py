"""The one place that notices a missing `emulator` extra; everything else imports werkzeug after this module."""

try:
    import jsonschema_rs as jsonschema_rs
    import werkzeug as werkzeug
except ImportError as missing:
    raise ImportError(
        f"the emulator needs {missing.name}: pip install 'llamasync[emulator]'", name=missing.name
    ) from missing
