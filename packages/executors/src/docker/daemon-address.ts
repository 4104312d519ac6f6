import { WaybillError } from "@waybill/core";

/** Where the daemon listens. */
export type DaemonAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

const DEFAULT_SOCKET = "/var/run/docker.sock";
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * The daemon that `DOCKER_HOST` names, else the default socket. It must run on this machine: workspaces are mounted by
 * their paths here, which mean nothing on another.
 *
 * @throws WaybillError `DOCKER_HOST_UNUSABLE`
 */
export function daemonAddress(dockerHost: string | undefined): DaemonAddress {
  if (dockerHost === undefined || dockerHost === "") return { socketPath: DEFAULT_SOCKET };
  if (dockerHost.startsWith("unix://")) {
    const socketPath = dockerHost.slice("unix://".length);
    return { socketPath: socketPath === "" ? DEFAULT_SOCKET : socketPath };
  }
  let url: URL;
  try {
    url = new URL(dockerHost.replace(/^tcp:/, "http:"));
  } catch (cause) {
    throw new WaybillError(
      "DOCKER_HOST_UNUSABLE",
      { address: shown(dockerHost), detail: "it is no address" },
      { cause },
    );
  }
  if (url.protocol !== "http:") {
    const detail = `"${url.protocol.slice(0, -1)}" is not supported, only unix and tcp are`;
    throw new WaybillError("DOCKER_HOST_UNUSABLE", { address: shown(dockerHost), detail });
  }
  if (!LOOPBACK.test(url.hostname)) {
    const detail = "it is another machine, which cannot mount workspaces of this one";
    throw new WaybillError("DOCKER_HOST_UNUSABLE", { address: shown(dockerHost), detail });
  }
  return { host: url.hostname.replaceAll(/[[\]]/g, ""), port: url.port === "" ? 2375 : Number(url.port) };
}

export function describeAddress(address: DaemonAddress): string {
  return "socketPath" in address ? address.socketPath : `${address.host}:${address.port}`;
}

/** Without a password somebody may have put into it. */
function shown(address: string): string {
  return address.replace(/\/\/[^/@]*@/, "//");
}
