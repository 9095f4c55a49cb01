"""WTForms, a module per noun."""
