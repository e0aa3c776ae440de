# An image of this repository that serves the models mounted into it, or put into an image on top of it.
#
#   docker build -t nuthatch .
#   docker run -p 8080:8080 -v "$PWD/models:/models:ro" --read-only nuthatch
#   docker run -p 8080:8080 -v "$PWD/models:/models:ro" nuthatch serve --token-file /models/.tokens
#
# From published packages, with the model inside: deploy/docker/Dockerfile. To pin the base: --build-arg BASE=node:24-slim@sha256:…
ARG BASE=node:24-slim

FROM ${BASE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
COPY server/package.json server/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY server/package.json server/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json bundled-licences.mjs ./
COPY src src
COPY formats formats
COPY server/tsconfig.json server/tsconfig.build.json server/bundle-command.mjs server/
COPY server/src server/src
COPY server/page server/page
RUN npx tsc -p tsconfig.build.json && npm run build -w @nuthatch/server

FROM ${BASE}
LABEL org.opencontainers.image.title="nuthatch" \
      org.opencontainers.image.description="Serves trained models in the protocols that clients already speak" \
      org.opencontainers.image.licenses="MIT" \
      com.amazonaws.sagemaker.capabilities.accept-bind-to-port="true"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY --from=build /app/dist/src dist/src
COPY --from=build /app/dist/formats dist/formats
COPY server/package.json server/
COPY --from=build /app/server/dist server/dist
# By number, so that Kubernetes knows that it is not root; started as root, as SageMaker does, it works the same.
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --start-interval=1s \
  CMD ["node", "/app/server/dist/container/main.js", "healthcheck"]
ENTRYPOINT ["node", "/app/server/dist/container/main.js"]
CMD ["serve"]
