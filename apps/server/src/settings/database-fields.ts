/**
 * The address that `SHIPINATOR_DB_HOST`, `_PORT`, `_USER`, `_PASSWORD`, `_NAME` and `_SSL_MODE` make together; null: the
 * host is not set.
 */
export function databaseFromFields(environment: Readonly<Record<string, string | undefined>>): string | null {
  const field = (name: string): string => environment[`SHIPINATOR_DB_${name}`] ?? "";
  const host = field("HOST");
  if (host === "") return null;
  const user = encodeURIComponent(field("USER"));
  const password = field("PASSWORD") === "" ? "" : `:${encodeURIComponent(field("PASSWORD"))}`;
  const port = field("PORT") === "" ? "" : `:${field("PORT")}`;
  const mode = field("SSL_MODE") === "" ? "" : `?sslmode=${encodeURIComponent(field("SSL_MODE"))}`;
  const who = user === "" ? "" : `${user}${password}@`;
  const hostName = host.includes(":") ? `[${host}]` : host;
  return `postgres://${who}${hostName}${port}/${encodeURIComponent(field("NAME"))}${mode}`;
}
