FROM node:24-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

# No install scripts: the one that matters here would fetch a second Node 24.
FROM base AS development
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY schemas ./schemas
COPY src ./src

FROM development AS build
RUN npm run build

FROM base AS production
RUN npm ci --ignore-scripts --omit=dev

# The demo's agents, for docker-compose.yml.
FROM development AS demo
COPY demo ./demo
USER 1000:1000
ENTRYPOINT ["node", "/app/demo/agents.ts"]

FROM node:24-bookworm-slim AS service
LABEL org.opencontainers.image.title="discovery-metrics" \
      org.opencontainers.image.description="Exact, restart-proof metrics and a live dependency map of a cluster's service discovery" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
ENV NODE_ENV=production
COPY LICENSE package.json ./
COPY --from=production /app/node_modules ./node_modules
COPY schemas ./schemas
COPY --from=build /app/dist ./dist
# The image's user `node`, by number: Kubernetes cannot tell that a name is not root.
USER 1000:1000
EXPOSE 9464
# On loopback, at the port of WEB_LISTEN_ADDRESS; who listens elsewhere, or by TLS, gives a check of his own. To be asked for a password is an answer.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "\
    const [port] = /\\d+$/.exec(process.env.WEB_LISTEN_ADDRESS ?? ':9464'); \
    fetch(`http://127.0.0.1:${port}/-/healthy`).then(({ ok, status }) => process.exit(ok || status === 401 ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
