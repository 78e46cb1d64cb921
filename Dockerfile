# Peerglass as an image: the page built in one stage, the run-time dependencies installed in another, neither's
# tools in the last. Runs as a user without rights; BGP may have port 179 by the capability on the node binary.
#
#   docker run -d --name peerglass --network host -v peerglass:/data \
#     -v ./peerglass.yaml:/etc/peerglass.yaml:ro -e PEERGLASS_CONFIG=/etc/peerglass.yaml peerglass
#
# The health check asks 127.0.0.1:8080; a configuration with another HTTP port brings its own (--health-cmd).

FROM node:24-slim AS web
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
COPY web ./web
RUN npm run build

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# the image has its Node already; the packages that bring one for clones stay out
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-slim
RUN apt-get update && apt-get install --yes --no-install-recommends libcap2-bin && rm -rf /var/lib/apt/lists/*
RUN setcap cap_net_bind_service=+ep /usr/local/bin/node
RUN install --directory --owner=node --group=node /data
WORKDIR /app
COPY package.json ./
COPY migrations ./migrations
COPY src ./src
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=web /app/web/dist ./web/dist
ENV NODE_ENV=production PEERGLASS_DATA=/data NODE_COMPILE_CACHE=/tmp/peerglass
USER node
VOLUME /data
EXPOSE 179 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD node -e "fetch('http://127.0.0.1:8080/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"
ENTRYPOINT ["node", "--max-semi-space-size=4", "src/main.mjs"]
CMD ["serve"]
