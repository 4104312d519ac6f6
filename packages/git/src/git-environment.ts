/** Variables of the host that Git and SSH need; all others, those of Git above all, stay outside. */
const INHERITED = ["PATH", "HOME", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "https_proxy", "no_proxy"];

/** What every call of Git has in its environment. */
export function gitEnvironment(host: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const inherited = INHERITED.flatMap((name) => {
    const value = host[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // Where Git's HTTPS is GnuTLS, as on Debian, it does not read OpenSSL's variables.
  const [caFile, caDirectory] = [host["SSL_CERT_FILE"], host["SSL_CERT_DIR"]];
  return {
    ...Object.fromEntries(inherited),
    ...(caFile === undefined ? {} : { GIT_SSL_CAINFO: caFile }),
    ...(caDirectory === undefined ? {} : { GIT_SSL_CAPATH: caDirectory }),
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_LFS_SKIP_SMUDGE: "1",
  };
}
