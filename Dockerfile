# The server in a container: docker build --tag waybill . && docker run --init --publish 8080:8080 --volume waybill:/var/lib/waybill waybill
# What it keeps is in /var/lib/waybill; with PostgreSQL beside it, see compose.yaml.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund && node script/build.ts

FROM ${NODE_IMAGE}
# git clones, bubblewrap isolates jobs where the container may have namespaces of its own.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends bubblewrap ca-certificates git openssh-client tar \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o 10001 -g 10001 -m 0700 /var/lib/waybill
COPY --from=build /src/apps/cli/dist /opt/waybill
COPY LICENSE /opt/waybill/LICENSE
ENV WAYBILL_DATA=/var/lib/waybill WAYBILL_LISTEN=0.0.0.0:8080 HOME=/tmp XDG_CACHE_HOME=/tmp NODE_ENV=production
# A number, so that whoever runs it can tell that it is not root.
USER 10001:10001
WORKDIR /var/lib/waybill
VOLUME ["/var/lib/waybill"]
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--", "/opt/waybill/waybill.js"]
CMD ["server"]
