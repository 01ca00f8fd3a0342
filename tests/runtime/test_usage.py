from lance_graph.runtime.usage import plain_usage


def test_only_numbers_under_known_names_survive():
    given = {
        "input_tokens": 3, "output_tokens": 2, "total_tokens": 5, "how to attack": 1,
        "input_token_details": {"cache_read": 1, "audio": "attack", "attack": 2},
        "output_token_details": {"attack": 1},
    }  # fmt: skip
    assert plain_usage(given) == {
        "input_tokens": 3, "output_tokens": 2, "total_tokens": 5,
        "input_token_details": {"cache_read": 1},
    }  # fmt: skip


def test_what_is_no_number_counts_nothing():
    assert plain_usage({"input_tokens": "attack", "output_tokens": True}) == {
        "input_tokens": 0, "output_tokens": 0, "total_tokens": 0,
    }  # fmt: skip
