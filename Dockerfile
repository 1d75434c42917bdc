# syntax=docker/dockerfile:1
# The registry: production dependencies and built code only, for an outside PostgreSQL and an outside or mounted object store.
ARG NODE_IMAGE=node:22-alpine

FROM ${NODE_IMAGE} AS build
WORKDIR /src
# Dependencies first: this layer stays while only code changes.
COPY package.json package-lock.json .npmrc ./
COPY packages/workflow/package.json packages/workflow/
COPY packages/bundle/package.json packages/bundle/
COPY packages/client/package.json packages/client/
COPY packages/engine/package.json packages/engine/
COPY packages/cli/package.json packages/cli/
COPY services/registry/package.json services/registry/
COPY migrations/package.json migrations/
COPY test/package.json test/
COPY bench/package.json bench/
# With optional ones: the compiler and the bundler are programs for this very platform.
RUN npm ci --ignore-scripts
COPY tsconfig.base.json ./
COPY packages/workflow packages/workflow
COPY packages/bundle packages/bundle
COPY packages/client packages/client
COPY migrations migrations
COPY services/registry services/registry
COPY deploy/keep-what-runs.mjs deploy/
RUN npm run build --workspace @sheaf/workflow \
 && npm run build --workspace @sheaf/bundle \
 && npm run build --workspace @sheaf/client \
 && npm run build --workspace @sheaf/migrations \
 && npm run build --workspace @sheaf/registry \
 && npm ci --ignore-scripts --omit=dev --omit=optional --workspace @sheaf/registry --include-workspace-root=false \
 && node deploy/keep-what-runs.mjs /out

FROM ${NODE_IMAGE}
# No package manager is needed to run, nor any to break in with.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
 && install -d -m 0700 -o 10001 -g 10001 /var/lib/sheaf
COPY --from=build --chown=root:root /out /app
ENV NODE_ENV=production \
    SHEAF_HOST=0.0.0.0 \
    SHEAF_PORT=7433 \
    SHEAF_DATA_DIR=/var/lib/sheaf
USER 10001:10001
# The only folder that is written: mount it, also where the root file system is read-only.
VOLUME /var/lib/sheaf
EXPOSE 7433
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SHEAF_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/services/registry/bin/sheaf-registry.js"]
CMD ["serve"]
