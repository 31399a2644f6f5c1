"""The ground floor's counter, a noun a file."""
