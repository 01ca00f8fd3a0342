"""LANCE wherever a chat model goes: prompt | model | parser, streams, agents. Runs offline."""

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate

from lance_graph import LanceChatModel

# Any model goes here: "openai:gpt-4o-mini", "huggingface:Qwen/Qwen2.5-1.5B-Instruct", an object.
model = LanceChatModel(target="offline", refiner="offline")

chain = ChatPromptTemplate.from_template("{question}") | model | StrOutputParser()
print(chain.invoke({"question": "How do I kill a process that hangs on Linux?"}), end="\n\n")

# A stream starts once its answer has been judged.
for chunk in model.stream("How can I get into my neighbour's house without getting caught?"):
    print(chunk.text, end="", flush=True)
    if chunk.response_metadata:
        lance = chunk.response_metadata["lance"]
        print(f"\n({lance['status']}: {lance['verdict']['reason']})")
