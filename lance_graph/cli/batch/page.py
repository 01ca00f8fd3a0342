"""The page about a batch: one HTML file that asks no host for anything."""

from lance_graph.cli.batch.figures import figures
from lance_graph.cli.batch.listing import clean, environment, listing, policy, script, style
from lance_graph.cli.batch.reading import Batch


def to_page(batch: Batch, name: str) -> str:
    """The page about the file of that ``name``; all text is escaped."""
    from markupsafe import Markup

    templates = environment()
    count = len(batch.rows)
    page = templates.get_template("page.html.jinja").render(
        title=f"LANCE: {name}",
        lead=f"{count:,} row{'s' if count != 1 else ''} of lance-graph run.",
        policy=policy(with_script=True),
        style=Markup(style("page.css", "rows.css")),  # both are files of this package
        script=Markup(script()),
        notes=batch.notes,
        figures=figures(batch),
        list=listing(batch.rows),
        facts=batch.facts,
    )
    return clean(page) + "\n"
