# Two stages: the first installs pinned dependencies, the second has nothing but them and the program.
FROM python:3.13-slim AS build
WORKDIR /app
COPY requirements.txt pyproject.toml README.md LICENSE ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY bot bot
COPY prompts prompts
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /venv/bin/python -m compileall -q /venv/lib

FROM python:3.13-slim
# On PostgreSQL `interlude backup` needs pg_dump: POSTGRES_CLIENT is its major version.
ARG POSTGRES_CLIENT=""
RUN if [ -n "$POSTGRES_CLIENT" ]; then apt-get update \
    && apt-get install --yes --no-install-recommends "postgresql-client-$POSTGRES_CLIENT" \
    && rm -rf /var/lib/apt/lists/*; fi
RUN useradd --uid 10001 --create-home interlude && install -d -o interlude -g interlude -m 700 /data /backups
COPY --from=build /venv /venv
COPY --from=build /app/prompts /prompts
USER interlude
ENV PATH=/venv/bin:$PATH INTERLUDE_DATA_DIR=/data INTERLUDE_PROMPTS_DIR=/prompts
VOLUME /data
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s CMD ["interlude", "health"]
CMD ["interlude", "run"]
