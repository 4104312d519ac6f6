/**
 * What a step inherits of the environment Waybill itself runs in. Everything else stays outside: a server's own
 * environment holds database passwords and signing keys.
 *
 * The list is what programs need to work on this host at all: who and where one is, the language and time zone, and
 * how the network is reached through a proxy or with a company's own certificates. Not on it, on purpose: anything
 * that is a credential or leads to one (`SSH_AUTH_SOCK`, `DOCKER_HOST`, cloud and registry variables), and anything
 * that changes how programs behave from outside (`NODE_OPTIONS`, `LD_PRELOAD`, `BASH_ENV`). A pipeline that needs
 * one of them names it.
 */
const INHERITED = new Set([
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "TZ",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "all_proxy",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
]);

/** Where a service manager starts us without a path. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The environment below every step's own. */
export function inheritedEnvironment(
  hostEnvironment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const inherited: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const [name, value] of Object.entries(hostEnvironment)) {
    if (value !== undefined && (INHERITED.has(name) || name.startsWith("LC_"))) inherited[name] = value;
  }
  return { ...inherited, CI: "true", WAYBILL: "true" };
}
