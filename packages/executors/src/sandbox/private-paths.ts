import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Files and directories below directories that a sandbox shows, which hold keys and passwords. */
const FIXED = [
  "/etc/shadow",
  "/etc/shadow-",
  "/etc/gshadow",
  "/etc/gshadow-",
  "/etc/sudoers",
  "/etc/sudoers.d",
  "/etc/security/opasswd",
  "/etc/ssl/private",
  "/etc/pki/tls/private",
  "/etc/letsencrypt",
  "/etc/krb5.keytab",
  "/etc/docker/key.json",
  "/etc/kubernetes",
  "/etc/rancher",
  "/etc/wireguard",
  "/etc/waybill",
];

const SSH_HOST_KEY = /^ssh_host_.*_key$|_key$/;

export interface PrivatePath {
  readonly path: string;
  readonly isDirectory: boolean;
}

/**
 * Those that have to be covered, because the user a job has outside could read them. Mostly that is none: covering
 * takes time with every job, so what permissions hide already is left to them.
 */
export function readableSecrets(mayRead: (path: string) => boolean): PrivatePath[] {
  return [...FIXED, ...sshHostKeys()].flatMap((path) => {
    const status = lstatSync(path, { throwIfNoEntry: false });
    // A link leads to what is either covered itself or not shown at all.
    if (status === undefined || status.isSymbolicLink() || !mayRead(path)) return [];
    return [{ path, isDirectory: status.isDirectory() }];
  });
}

function sshHostKeys(): string[] {
  try {
    return readdirSync("/etc/ssh")
      .filter((name) => SSH_HOST_KEY.test(name))
      .map((name) => join("/etc/ssh", name));
  } catch {
    return [];
  }
}
