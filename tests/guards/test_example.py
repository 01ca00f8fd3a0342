def test_the_example_runs_a_guard_a_broken_guard_and_a_classifier(run_example):
    lines = run_example("guard_detectors.py").splitlines()
    statuses = [line.strip().partition(":")[0] for line in lines[1:6:2]]
    assert statuses[0] == "safe" and statuses[2] == "degraded"
    assert statuses[1] in ("rewritten", "fell_back")
    unmapped, scored = lines[6:]
    assert "'LABEL_1' of the model" in unmapped
    assert "'hate_speech,offensive_language': 0." in scored and "'self_harm': 0." in scored
