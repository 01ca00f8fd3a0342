"""How a text reads: `normalising`, `lookalikes` and `readings` of what is disguised; `refusals`; `words`."""
