# syntax=docker/dockerfile:1@sha256:87999aa3d42bdc6bea60565083ee17e86d1f3339802f543c0d03998580f9cb89

# Two images: "cafeforme", and "temporal" (server, schema, namespace, Web UI).
# Each is one static binary on a base without a shell, run by nobody special. The
# base brings the CA certificates and the time zones. What runs in a container is
# its command; health checks differ with it, so docker-compose.yml has them.

FROM golang:1.26.8-bookworm@sha256:a688600ca24f8a4d3ca77f95b0dd40704a9fc787c826660eb7ba0b641b8b175d AS go
ENV CGO_ENABLED=0 GOFLAGS="-buildvcs=false -trimpath"
# Made here, because the images have nothing to make folders with.
RUN mkdir /empty

FROM go AS build-cafeforme
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go build -ldflags "-s -w -X main.version=${VERSION}" -o /out/cafeforme ./cmd/cafeforme

FROM go AS build-temporal
WORKDIR /src/tools/temporal
COPY tools/temporal/go.mod tools/temporal/go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY tools/temporal/ ./
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go build -ldflags "-s -w" -o /out/temporal-server .

FROM gcr.io/distroless/static-debian12:nonroot@sha256:afa5c872c891853ca7fcf1f12c3edb23f7eeef36189728842dd51042ff57f7ab AS cafeforme
COPY --from=build-cafeforme /out/cafeforme /cafeforme
# A volume that is mounted here belongs to the user, as this folder does.
COPY --from=go --chown=65532:65532 /empty /var/lib/cafeforme
ENV CAFEFORME_SANDBOX=/var/lib/cafeforme/sandbox.db
USER 65532:65532
WORKDIR /var/lib/cafeforme
EXPOSE 8080 8084 9090
ENTRYPOINT ["/cafeforme"]
CMD ["--help"]

FROM gcr.io/distroless/static-debian12:nonroot@sha256:afa5c872c891853ca7fcf1f12c3edb23f7eeef36189728842dd51042ff57f7ab AS temporal
COPY --from=build-temporal /out/temporal-server /temporal-server
COPY deploy/temporal/dynamicconfig.yaml /etc/temporal/dynamicconfig.yaml
USER 65532:65532
EXPOSE 7233 8233
ENTRYPOINT ["/temporal-server"]
CMD ["--help"]
