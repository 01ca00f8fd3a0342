"""How a text reads: disguised (`normalising`, `lookalikes`, `readings`), `declining`, `refusals`, `words`."""
