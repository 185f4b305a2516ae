# One image for migrate, api and worker. The embedded stack and the simulators' servers stay out of it.
FROM python:3.11-slim AS packages
WORKDIR /build
COPY requirements/bootstrap.txt requirements/production.txt requirements/
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/bootstrap.txt \
 && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/production.txt
COPY . .
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /venv/bin/pip uninstall --yes --quiet uv setuptools pip

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home orderflow
COPY --from=packages /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ORDERFLOW_ENVIRONMENT=production \
    ORDERFLOW_LOG_FORMAT=json
USER orderflow
WORKDIR /tmp
EXPOSE 8080
ENTRYPOINT ["orderflow"]
CMD ["api", "--host", "0.0.0.0"]
