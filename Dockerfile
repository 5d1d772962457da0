FROM node:24-bookworm-slim AS build
WORKDIR /relais
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /relais
COPY --from=build /relais/package.json ./
COPY --from=build /relais/node_modules ./node_modules
COPY --from=build /relais/dist ./dist
# Only for the embedded PostgreSQL, which runs where DATABASE_URL is not set; mount a volume here to keep it.
ENV RELAIS_DATA_DIR=/data
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 3000
# No npm in between: SIGTERM reaches Relais, which drains and exits within 25 seconds.
CMD ["node", "--max-semi-space-size=16", "--heap-growing-percent=50", "dist/src/main.js"]
