"""`lance-graph chat`: a conversation in the terminal, with what happens between question and answer."""

import typer

from lance_graph.cli import options, prepare
from lance_graph.cli.errors import DEGRADED

EXAMPLES = """Examples:

lance-graph chat

lance-graph chat --target openai:gpt-4o-mini --refiner openai:gpt-4o-mini

lance-graph chat --context lance.yaml --notice

printf 'How do I bake bread?\\n/why\\n' | lance-graph chat

A line is a question, or one of /why, /new, /help, /quit. Answers go to standard output, everything else
to standard error.

Exit codes: 0 ended, 1 error, 2 wrong usage, 3 a component failed in some turn"""


def chat(
    context_file: options.ContextFile = None,
    target: options.Target = None,
    target_option: options.TargetOption = None,
    refiner: options.Refiner = None,
    refiner_option: options.RefinerOption = None,
    detector: options.Detectors = None,
    guard_option: options.GuardOption = None,
    mode: options.RunMode = None,
    screening: options.Order = None,
    max_iterations: options.MaxIterations = None,
    max_seconds: options.MaxSeconds = None,
    tau: options.Tau = None,
    tau_mild: options.TauMild = None,
    tau_severe: options.TauSevere = None,
    notice: options.Notice = False,
    debug: options.Debug = False,
) -> None:
    """Talk with your model through LANCE, and see each step."""
    from lance_graph.cli.run import OFFLINE_WORDS

    context = prepare.build_context(
        context_file,
        target_options=target_option,
        refiner_options=refiner_option,
        guard_options=guard_option,
        tau=tau,
        tau_mild=tau_mild,
        tau_severe=tau_severe,
        target=target,
        refiner=refiner,
        **prepare.chosen(detector),
        mode=mode,
        screening=screening,
        max_iterations=max_iterations,
        max_seconds=max_seconds,
        notice=notice or None,
        prompts=OFFLINE_WORDS,
    )
    prepare.check_unattended(context)
    prepare.load_models(context)

    from lance_graph.categories import KNOWN
    from lance_graph.cli.conversing.conversation import Conversation
    from lance_graph.cli.conversing.loop import Loop
    from lance_graph.cli.conversing.telling import Telling
    from lance_graph.detectors import resolve
    from lance_graph.scores import declared_by

    judge = resolve(context.judged_by)
    judges = filter(None, (prepare.load_guard(context), judge))
    categories = {key: known for one in judges for key, known in declared_by(one).items()}
    telling = Telling(prepare.policy_for(context, judge), {**KNOWN, **categories})
    with Conversation(context) as conversation:
        loop = Loop(conversation, telling, debug)
        loop.run()
    if loop.degraded:
        raise typer.Exit(DEGRADED)
