"""The whole stack mistreated while scripted people work on it, and what they were told checked afterwards."""
