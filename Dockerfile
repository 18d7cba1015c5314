# Both programs in one image: the worker is the entry point, the command line runs with --entrypoint starter.
FROM golang:1.26.8-bookworm AS build
# Empty means Go's own default.
ARG GOPROXY
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="-s -w" -o /out/ ./starter ./worker

# Alpine and not an image without a shell: its wget probes /readyz, and it brings CA certificates for SMTP over TLS.
FROM alpine:3.23.5
COPY --from=build /out/starter /out/worker /usr/local/bin/
# A new volume takes the owner of the folder it is mounted on.
RUN addgroup -g 10001 kaoping \
 && adduser -D -H -u 10001 -G kaoping kaoping \
 && install -d -o kaoping -g kaoping -m 0750 /var/lib/kaoping /var/lib/kaoping/evidence /var/lib/kaoping/keys
USER kaoping
WORKDIR /var/lib/kaoping
ENV OPERATIONS_ADDRESS=0.0.0.0:9090 PORTAL_ADDRESS=0.0.0.0:8080
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["wget", "-q", "-T", "4", "-O", "/dev/null", "http://127.0.0.1:9090/readyz"]
ENTRYPOINT ["worker"]
