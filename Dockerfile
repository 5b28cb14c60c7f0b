# The portal as one binary on a small Debian, running as nobody in particular.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY migrations migrations
COPY templates templates
COPY locales locales
COPY static static
COPY assets assets
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin renewal-portal \
    && cp target/release/renewal-portal /usr/local/bin/renewal-portal

# glibc, CA certificates and nothing else: no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/local/bin/renewal-portal /usr/local/bin/renewal-portal
ENV LISTEN=0.0.0.0:8080 METRICS_LISTEN=0.0.0.0:9090
EXPOSE 8080 9090
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["/usr/local/bin/renewal-portal", "healthcheck", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["/usr/local/bin/renewal-portal"]
CMD ["serve"]
