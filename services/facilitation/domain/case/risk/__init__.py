"""The risk of the restorative work: assessed for each stage, escalated at any moment."""
