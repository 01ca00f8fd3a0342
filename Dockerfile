# The server (`lance-graph serve`) on a CPU, with the weights that ship: docs/server.md, "Docker".
#   docker build -t lance .
#   docker run --rm -v lance:/data lance --new-key alice
#   docker run -p 127.0.0.1:8000:8000 -v lance:/data lance
ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/lance
ENV PATH=/opt/lance/bin:$PATH
# The index's default build of torch brings gigabytes of CUDA libraries.
ARG TORCH=torch==2.13.0
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# hadolint ignore=DL3013
RUN pip install "$TORCH" --index-url "$TORCH_INDEX"
WORKDIR /source
COPY pyproject.toml README.md LICENSE LICENSE.weights ./
COPY lance_graph lance_graph
ARG EXTRAS=serve,openai
# hadolint ignore=DL3013
RUN pip install ".[$EXTRAS]"

FROM python:${PYTHON}-slim
COPY --from=build /opt/lance /opt/lance
# A volume at /data belongs to whom the folder belongs to in the image.
RUN useradd --uid 10001 --create-home lance && install --directory --owner lance --mode 700 /data
ENV PATH=/opt/lance/bin:$PATH HF_HUB_OFFLINE=1 PYTHONUNBUFFERED=1
USER 10001
WORKDIR /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=3m \
  CMD ["python", "-c", "from urllib.request import ProxyHandler as P, build_opener; build_opener(P({})).open('http://127.0.0.1:8000/ready', timeout=4)"]
# Options of the command come behind it; without keys it does not start.
ENTRYPOINT ["lance-graph", "serve", "--host", "0.0.0.0", "--port", "8000", "--keys", "/data/keys.txt"]
