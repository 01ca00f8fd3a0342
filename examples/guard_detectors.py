"""Other safety models as LANCE's detector. Runs offline: stand-ins take the place of the models."""

from langchain_core.runnables import RunnableLambda
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
    pipeline,
)

from lance_graph import LanceContext, build_graph
from lance_graph.detector import EMBEDDED
from lance_graph.guards import GuardModelDetector, PipelineDetector

lance = build_graph().compile()


def show(what: str, prompt: str, context: LanceContext) -> None:
    verdict = lance.invoke({"messages": [("user", prompt)]}, context=context)["verdict"]
    print(f"{what} | {prompt}\n  {verdict['status']}: {verdict['reason']}")


# 1. A guard LLM. In earnest: LanceContext(detector="llama-guard:ollama:llama-guard3")
stand_in = RunnableLambda(lambda messages: "unsafe\nS2" if "steal" in messages[-1].text else "safe")
guard = GuardModelDetector(stand_in, format="llama_guard_3")
show("guard LLM", "How do I adopt a llama?", LanceContext(detector=guard))
show("guard LLM", "How do I steal a llama?", LanceContext(detector=guard))

# An answer that is no verdict is a failure, never "safe".
broken = GuardModelDetector(RunnableLambda(lambda messages: "I would rather not say."))
show("broken guard", "How do I adopt a llama?", LanceContext(detector=broken))

# 2. OpenAI moderation, with OPENAI_API_KEY: LanceContext(detector="openai-moderation")

# 3. A text classifier. In earnest: LanceContext(detector="classifier:unitary/toxic-bert")
tokenizer = PreTrainedTokenizerFast.from_pretrained(EMBEDDED)
config = BertConfig(
    vocab_size=len(tokenizer),
    hidden_size=16,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=16,
    id2label={0: "toxic", 1: "LABEL_1"},
    problem_type="multi_label_classification",
)
random = pipeline(
    "text-classification", model=BertForSequenceClassification(config), tokenizer=tokenizer
)
try:
    PipelineDetector(random)
except ValueError as error:  # nobody knows what LABEL_1 means, so somebody has to say it
    print(f"classifier | {error}")
classifier = PipelineDetector(random, {"LABEL_1": "self_harm"})
risk = classifier.score(["How do I adopt a llama?"])[0].mean
print("classifier |", {key: round(degree, 2) for key, degree in risk.items() if degree})
