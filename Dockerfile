# The sources run as they are on Node 26, so there is nothing to build and no development package in the image.
FROM node:26-slim

WORKDIR /app
# Packages first: they change less often than the sources. None of those that run here has an install script.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && npm cache clean --force
COPY LICENSE ./
COPY fixtures ./fixtures
COPY src ./src
# `docker exec NAME ccass-harness failover --to backup`; /data belongs to the user that a new volume gets it from.
RUN chmod 755 src/cli.ts \
 && ln -s /app/src/cli.ts /usr/local/bin/ccass-harness \
 && install -d -o node -g node /data

ENV NODE_ENV=production
USER node
VOLUME /data
# line, primary centre, backup centre by HTTPS and by SFTP, admin
EXPOSE 7043 7044 7045 7022 7023 7024 7080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "/app/src/cli.ts", "ready"]

ENTRYPOINT ["node", "/app/src/cli.ts"]
CMD ["up", "--host", "0.0.0.0", "--data", "/data"]
