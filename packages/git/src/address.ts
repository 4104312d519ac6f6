import { WaybillError } from "@waybill/core";
import { isRefusedHost, refused } from "./refused-hosts.ts";

export const PROTOCOLS = ["https", "ssh", "file"] as const;

/** `http` is for tests: it carries passwords in the open. */
export type Protocol = (typeof PROTOCOLS)[number] | "http";

export interface RepositoryAddress {
  readonly url: string;
  readonly protocol: Protocol;
}

const MAX_LENGTH = 2048;
/** `git@host:path`, as hosting services show it. */
const SCP_LIKE = /^([A-Za-z0-9_][\w.-]*)@([A-Za-z0-9][\w.-]*):(?!\/\/)(?:\/)?([^\s:][^\s]*)$/;

/**
 * The address of a repository as it is given to Git. Names of options, helpers (`ext::`) and passwords do not get
 * through; `git@host:path` becomes `ssh://git@host/path`.
 *
 * @throws WaybillError `GIT_ADDRESS_INVALID`
 */
export function repositoryAddress(text: string, allowed: readonly Protocol[] = PROTOCOLS): RepositoryAddress {
  if (text.length > MAX_LENGTH) throw invalid("it is too long");
  const scp = SCP_LIKE.exec(text);
  const url = scp === null ? text : `ssh://${scp[1]}@${scp[2]}/${scp[3]}`;
  // eslint-disable-next-line no-control-regex -- what no address has
  if (/[\u0000-\u0020\u007f\\]/.test(url)) throw invalid("it has spaces, backslashes or control characters");
  const parsed = URL.parse(url);
  if (parsed === null) throw invalid("it is no address");
  const protocol = allowed.find((name) => parsed.protocol === `${name}:`);
  if (protocol === undefined) {
    throw invalid(`it does not begin with ${allowed.map((name) => `${name}://`).join(", ")}`);
  }
  if (parsed.password !== "") throw invalid("it has a password in it: give credentials apart");
  if (parsed.username !== "" && protocol !== "ssh") throw invalid("it has a user in it: give credentials apart");
  if (parsed.search !== "" || parsed.hash !== "") throw invalid("it has a query or a fragment");
  if (protocol === "file") {
    if (parsed.host !== "" || !url.startsWith("file:///")) throw invalid("file:// is followed by an absolute path");
  } else if (!/^[A-Za-z0-9[]/.test(parsed.host) || parsed.host.startsWith("-")) {
    throw invalid("it names no host");
  } else if (isRefusedHost(parsed.hostname)) {
    throw refused();
  }
  if (!/^(?:\w[\w.-]*)?$/.test(parsed.username)) throw invalid("its user has other characters than letters and digits");
  if (/^\/*$/.test(parsed.pathname)) throw invalid("it names no repository");
  return { url, protocol };
}

function invalid(problem: string): WaybillError {
  return new WaybillError("GIT_ADDRESS_INVALID", { problem });
}
