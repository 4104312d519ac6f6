import { defineErrors } from "../definition.ts";

/** Errors of containers, their images and the registries those come from. */
export const dockerErrors = defineErrors(
  { severity: "error", exitCode: 3, httpStatus: 503 },
  {
    DOCKER_UNAVAILABLE: {
      title: "The Docker daemon does not answer",
      message: 'The Docker daemon at "{address}" cannot be used: {detail}.',
      remedy:
        "Start it (systemctl start docker), set DOCKER_HOST to where it listens, or add this user to the group that " +
        "owns its socket (usermod -aG docker USER, then log in again).",
      help: "executors.md#docker-daemon",
      example: "",
    },
    DOCKER_HOST_UNUSABLE: {
      title: "DOCKER_HOST names a daemon that cannot be used",
      message: 'DOCKER_HOST is "{address}": {detail}.',
      remedy: "Use a daemon of this machine: unix:///PATH or tcp://127.0.0.1:PORT, or unset DOCKER_HOST.",
      exitCode: 2,
      httpStatus: 500,
      help: "executors.md#docker-daemon",
      example: "DOCKER_HOST=ssh://build@example.com",
    },
    DOCKER_UNSUPPORTED: {
      title: "The Docker daemon cannot run jobs of Waybill's",
      message: "The Docker daemon cannot be used: {detail}.",
      remedy: "Use a daemon of version 20.10 or newer for Linux that runs as root and without userns-remap.",
      httpStatus: 500,
      help: "executors.md#docker-daemon",
      example: "",
    },
    DOCKER_REFUSED: {
      title: "The Docker daemon refused what it was asked for",
      message: "The Docker daemon refused: {detail}",
      remedy: "Look at the daemon's log (journalctl -u docker), then run the job again.",
      httpStatus: 500,
      help: "executors.md#docker-daemon",
      example: "",
    },
    DOCKER_START_FAILED: {
      title: "The Docker daemon refused to start a container",
      message: 'The container of execution "{execution}" could not be started: {detail}',
      remedy:
        "Look at the daemon's log (journalctl -u docker) and at free memory and disk space, then run the job again.",
      httpStatus: 500,
      help: "executors.md#docker-daemon",
      example: "",
    },
    DOCKER_NETWORKS_EXHAUSTED: {
      title: "The Docker daemon has no address range left for another network",
      message: "No network can be made for the job: {detail}",
      remedy:
        "Remove networks nobody uses (docker network prune), run fewer jobs at a time (--concurrency), or give the " +
        'daemon more ranges ("default-address-pools" in /etc/docker/daemon.json).',
      help: "executors.md#networks",
      example: "",
    },
    IMAGE_INVALID: {
      title: "A text that names no image",
      message: '"{image}" is not the name of an image.',
      remedy:
        "Write it as [registry/]name[:tag][@digest], for example node:24 or ghcr.io/team/tool:1.2; names are lower case.",
      exitCode: 2,
      httpStatus: 422,
      help: "executors.md#images",
      example: "image: Node 24",
    },
    IMAGE_MISSING: {
      title: "An image is not on this machine and may not be fetched",
      message: 'The image "{image}" is not on this machine, and the job\'s pull policy is never.',
      remedy: "Fetch or build it first (docker pull, docker build), or set pull_policy to missing.",
      exitCode: 1,
      httpStatus: 422,
      help: "executors.md#images",
      example: "",
    },
    IMAGE_NOT_FOUND: {
      title: "The registry has no such image",
      message: 'The registry has no image "{image}": {detail}',
      remedy: "Check the name and the tag, and that the image was built for this kind of processor.",
      exitCode: 1,
      httpStatus: 422,
      help: "executors.md#images",
      example: "image: node:0.0.0",
    },
    IMAGE_PULL_DENIED: {
      title: "The registry does not give out an image",
      message: 'The registry does not give out the image "{image}": {detail}',
      remedy: "Check the name, and log in on this machine as the user Waybill runs as (docker login REGISTRY).",
      exitCode: 1,
      httpStatus: 422,
      help: "executors.md#registries",
      example: "",
    },
    IMAGE_PULL_FAILED: {
      title: "An image could not be fetched",
      message: 'The image "{image}" could not be fetched: {detail}.',
      remedy: "Check the network and the registry, then run the job again.",
      help: "executors.md#images",
      example: "",
    },
    IMAGE_SHELL_MISSING: {
      title: "An image without a shell that runs here",
      message: 'The image "{image}" cannot run steps: {detail}.',
      remedy: "Use an image with /bin/sh for this kind of processor; many projects offer a variant with a shell.",
      exitCode: 1,
      httpStatus: 422,
      help: "executors.md#images",
      example: "image: gcr.io/distroless/static",
    },
    REGISTRY_CREDENTIALS_FAILED: {
      title: "Credentials for a registry cannot be read",
      message: "Credentials for registries cannot be read: {detail}.",
      remedy: "Log in anew (docker login REGISTRY), or correct Docker's config.json and the helper it names.",
      httpStatus: 500,
      help: "executors.md#registries",
      example: "",
    },
  },
);
