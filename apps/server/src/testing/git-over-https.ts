import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";

/** A forge as `git` sees it: repositories over HTTPS, for those with a password alone. */
export interface GitOverHttps {
  /** Of the addresses of its repositories, with the port. */
  readonly host: string;
  /** What `SSL_CERT_FILE` has to name. */
  readonly certificate: string;
  /** The password of each request for a file, an empty one where there was none. */
  readonly passwords: string[];
  close(): Promise<void>;
}

/**
 * Serves the bare repositories in a directory, as files: `git update-server-info` says what is there.
 *
 * @param scratch where its certificate is put
 */
export async function gitOverHttps(repositories: string, scratch: string, password: string): Promise<GitOverHttps> {
  const [certificate, key] = [join(scratch, "forge.crt"), join(scratch, "forge.key")];
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const of = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", [...made, ...of, "-keyout", key, "-out", certificate], { stdio: "pipe" });
  const passwords: string[] = [];
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    const [, given = ""] = Buffer.from((request.headers.authorization ?? "").replace(/^Basic /, ""), "base64")
      .toString()
      .split(":");
    passwords.push(given);
    if (given !== password) return void response.writeHead(401, { "www-authenticate": "Basic" }).end();
    try {
      response.end(readFileSync(join(repositories, normalize(new URL(request.url ?? "/", "https://x").pathname))));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    certificate,
    passwords,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
