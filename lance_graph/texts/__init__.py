"""How a text reads: `normalising` disguised letters, the other `readings` of a text, `lookalikes`."""
