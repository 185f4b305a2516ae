"""What goes in and out of the REST interface: shapes written for readers, never a table's row."""
