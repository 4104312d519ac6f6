# What jobs of a cluster run in: docker build --file builders/builder.Dockerfile --tag waybill-builder builders
# Go, Node, an OCI builder that needs no daemon and no root (buildah), Helm and kubectl. Nothing of the checkout is in it.
ARG GO_IMAGE=golang:1.25.1-bookworm
ARG KUBERNETES_IMAGE=alpine/k8s:1.33.1
ARG NODE_IMAGE=node:24.9.0-bookworm-slim

FROM ${GO_IMAGE} AS go

# Programs without libraries: they run on any Linux.
FROM ${KUBERNETES_IMAGE} AS kubernetes

FROM ${NODE_IMAGE}
# buildah takes user namespaces, whose numbers newuidmap gives out by /etc/subuid.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends 'buildah=1.28.*' ca-certificates fuse-overlayfs git gcc libc6-dev make openssh-client tar uidmap \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 10001 builder \
  && useradd --uid 10001 --gid 10001 --create-home builder \
  && echo 'builder:100000:65536' | tee /etc/subuid >/etc/subgid
COPY --from=go /usr/local/go /usr/local/go
COPY --from=kubernetes /usr/bin/helm /usr/bin/kubectl /usr/local/bin/
ENV PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
# A number, so that whoever runs it can tell that it is not root.
USER 10001:10001
WORKDIR /workspace
CMD ["sh"]
