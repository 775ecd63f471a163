# syntax=docker/dockerfile:1
# The operator, the replica, the agent, the verifier and the `aegis` command in one image: `make images`. What runs is said by whoever starts it.

FROM node:24-bookworm AS build
WORKDIR /app
COPY . .
RUN npm install --no-save --no-audit --no-fund \
  && npm run build \
  && npm prune --omit=dev --no-save --no-audit --no-fund \
  && find . -name '*.test.js' -o -name '*.d.ts' -o -name '*.map' | xargs rm -f \
  && rm -rf node_modules/@nxtedition/rocksdb/deps node_modules/@nxtedition/rocksdb/prebuilds.zip
# What runs: the workspaces without their sources, at the places that node_modules links to.
RUN mkdir /image && for workspace in proto replica client crds operator agent sim; do \
    mkdir /image/$workspace && cp -r $workspace/package.json $workspace/dist /image/$workspace/ \
    && for part in bin gen yaml runbooks dashboard chaos pages; do if [ -d $workspace/$part ]; then cp -r $workspace/$part /image/$workspace/; fi; done; \
  done \
  && cp -r node_modules /image/ \
  && rm -f /image/node_modules/@aegis/bench /image/node_modules/@aegis/test-e2e /image/node_modules/@aegis/charts /image/node_modules/@aegis/monitoring /image/node_modules/@aegis/docs \
  && mkdir /commands && for each in replica:aegis-replica client:aegis operator:aegis-operator agent:aegis-agent sim:aegis-verifier; do \
    ln -s /app/${each%%:*}/bin/${each##*:}.js /commands/${each##*:}; \
  done

# Nothing but libc and libstdc++: no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/bin/env /usr/bin/env
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /commands/ /usr/local/bin/
COPY --from=build /image/ /app/
ENV NODE_ENV=production PATH=/usr/local/bin
# By number, so that the kubelet can tell that it is not root.
USER 65532:65532
WORKDIR /
ENTRYPOINT ["/usr/local/bin/node"]
