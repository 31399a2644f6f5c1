"""What automatic masklets are worth, on rendered clips with exact masks."""
