"""The variational risk detector: label enhancement (METHOD eqs. 4-16) and how it is trained and used."""
