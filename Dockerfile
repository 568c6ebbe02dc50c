FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN pip wheel --no-deps --wheel-dir /wheels . \
 && sed -nE 's/^([A-Za-z0-9._-]+==[^\\]*)\\$/\1/p' requirements.lock > /wheels/pins.txt

FROM python:3.12-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --constraint /wheels/pins.txt /wheels/*.whl \
 && useradd --create-home onefold
USER onefold
EXPOSE 8000
ENTRYPOINT ["onefold"]
CMD ["serve"]
