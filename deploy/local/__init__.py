"""The embedded stack: real PostgreSQL, Valkey and SeaweedFS from wheels, and the app on top."""
