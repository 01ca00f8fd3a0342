import pytest

from lance_graph.evaluation import published


def test_table_1_has_six_methods_on_three_backbones():
    assert len(published.TABLE1) == 18
    assert {(row.key, row.backbone) for row in published.TABLE1} == {
        (method, backbone)
        for method in ("vanilla", "rep-e", "sys-prompt", "self-refine", "instruct", "lance")
        for backbone in published.BACKBONES
    }


@pytest.mark.parametrize(
    ("method", "backbone", "name", "figure"),
    [  # as the paper's prose repeats them, section 4.2
        ("rep-e", "llama3-8b", "safety", 5.91),
        ("vanilla", "llama3-8b", "safety", 4.57),
        ("sys-prompt", "llama3-8b", "safety", 8.40),
        ("self-refine", "llama3-8b", "safety", 9.03),
        ("self-refine", "llama3-8b", "helpfulness", 6.65),
        ("self-refine", "llama3-8b", "naturalness", 7.86),
        ("sys-prompt", "llama3-8b", "naturalness", 7.74),
        ("instruct", "llama3-8b", "naturalness", 6.71),
        ("instruct", "llama3.1-8b", "safety", 9.18),
        ("instruct", "llama3.1-8b", "helpfulness", 4.17),
        ("lance", "llama3.1-8b", "safety", 9.34),
        ("vanilla", "qwen2.5-7b", "safety", 9.74),
        ("lance", "qwen2.5-7b", "helpfulness", 8.03),
        ("instruct", "qwen2.5-7b", "naturalness", 7.90),
    ],
)
def test_table_1_agrees_with_the_papers_prose(method, backbone, name, figure):
    row = published.table1(method, backbone)
    assert row is not None and row.figures[name] == figure


def test_the_ablation_shares_its_rows_with_table_1():
    for ablated, method in (("lance-nr", "vanilla"), ("lance", "lance")):
        row, other = published.table2(ablated), published.table1(method, "llama3-8b")
        assert row and other and row.figures == other.figures
    assert published.table2("vanilla") is None


def test_a_figure_is_a_cell_without_an_interval():
    row = published.table1("lance", "llama3-8b")
    assert row is not None
    cell = row.estimate("safety")
    assert cell is not None and (cell.value, cell.low, cell.count) == (9.23, None, 0)
    assert row.estimate("detection") is None
    share = published.TABLE3[0.3].estimate("detection")
    assert share is not None and (share.value, share.unit) == (0.9638, "share")


def test_an_unknown_backbone_is_named():
    with pytest.raises(ValueError, match="'gpt-2' is not in the paper's Table 1; it has llama3-8b"):
        published.table1("lance", "gpt-2")
    assert published.table1("hard-block", "llama3-8b") is None


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("openai:gpt-4o", "GPT-4o"),
        ("openai:gpt-4o-2024-08-06", "GPT-4o"),
        ("openai:gpt-4o-mini", None),
        ("google_genai:gemini-2.5-pro", "Gemini2.5-Pro"),
        ("google_genai:gemini-2.5-pro-preview-05-06", "Gemini2.5-Pro"),
        ("openai:moonshotai/Kimi-K2-0711-preview", "Kimi-k2"),
        ("kimi-k2.5", None),
        ("openai:qwen3-max", "Qwen3-max"),
        ("lance", "Ours"),
        ("", None),
    ],
)
def test_a_model_string_finds_its_row_and_no_other(model, row):
    found = published.table4(model)
    assert (found.row if found else None) == row
