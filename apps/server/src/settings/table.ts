/** One setting: its flag is its name, in a settings file it is written with underscores. */
export interface Setting {
  /** What its value stands for in the help, for example `DIR`. */
  readonly placeholder: string;
  /** Environment variables, the first that is set counts. */
  readonly variables: readonly string[];
  /** Null: described by `defaultText`. */
  readonly fallback: string | null;
  readonly defaultText: string;
  readonly description: string;
}

/** Every setting of the server: its flags, its reference and what reads it are made of this table. */
export const SETTINGS = {
  data: {
    placeholder: "DIR",
    variables: ["WAYBILL_DATA"],
    fallback: "waybill-data",
    defaultText: "waybill-data",
    description: "where the server keeps its files: database, logs, artifacts, mirrors of repositories, workspaces",
  },
  database: {
    placeholder: "PLACE",
    variables: ["WAYBILL_DATABASE"],
    fallback: null,
    defaultText: "waybill.db in the data directory, or what SHIPINATOR_DB_* say",
    description: "a SQLite file, or postgres://user:password@host:port/database",
  },
  artifacts: {
    placeholder: "DIR",
    variables: ["WAYBILL_ARTIFACTS", "SHIPINATOR_ARTIFACT_STORE_PATH"],
    fallback: null,
    defaultText: "artifacts in the data directory",
    description: "where artifacts are kept",
  },
  listen: {
    placeholder: "ADDRESS",
    variables: ["WAYBILL_LISTEN", "SHIPINATOR_LISTEN_ADDR"],
    fallback: "127.0.0.1:8080",
    defaultText: "127.0.0.1:8080",
    description: "HOST:PORT to serve HTTP at; :PORT for all addresses of the machine, port 0 for any that is free",
  },
  "public-url": {
    placeholder: "URL",
    variables: ["WAYBILL_PUBLIC_URL"],
    fallback: null,
    defaultText: "http:// and the address it listens at",
    description:
      "where browsers find the server; https:// where something before it ends TLS, and cookies are then secure",
  },
  "trusted-proxies": {
    placeholder: "ADDRESSES",
    variables: ["WAYBILL_TRUSTED_PROXIES"],
    fallback: null,
    defaultText: "none",
    description:
      "proxies before the server, addresses or networks with commas between them: what they say of callers' addresses is believed",
  },
  "file-repositories": {
    placeholder: "DIRS",
    variables: ["WAYBILL_FILE_REPOSITORIES"],
    fallback: null,
    defaultText: "none",
    description: "directories, with : between them, in which repositories of this machine may be named by file://",
  },
  "secrets-key-file": {
    placeholder: "FILE",
    variables: ["WAYBILL_SECRETS_KEY_FILE"],
    fallback: null,
    defaultText: "secrets.key in the data directory, made at the first start",
    description: "the keys that secrets are encrypted with; WAYBILL_SECRETS_KEY has them themselves",
  },
  "oidc-issuer": {
    placeholder: "URL",
    variables: ["WAYBILL_OIDC_ISSUER"],
    fallback: null,
    defaultText: "none",
    description: "an OpenID Connect provider through which people sign in",
  },
  "oidc-client-id": {
    placeholder: "ID",
    variables: ["WAYBILL_OIDC_CLIENT_ID"],
    fallback: "waybill",
    defaultText: "waybill",
    description: "what the provider knows this server by",
  },
  "oidc-client-secret-file": {
    placeholder: "FILE",
    variables: ["WAYBILL_OIDC_CLIENT_SECRET_FILE"],
    fallback: null,
    defaultText: "none, a public client",
    description: "a file with the secret that the provider gave this server",
  },
  "oidc-domains": {
    placeholder: "DOMAINS",
    variables: ["WAYBILL_OIDC_DOMAINS"],
    fallback: null,
    defaultText: "none, only who is invited",
    description: "domains, with commas between them: whoever proves an address there becomes a user, without a role",
  },
  executor: {
    placeholder: "WHERE",
    variables: ["WAYBILL_EXECUTOR", "SHIPINATOR_EXECUTOR"],
    fallback: "auto",
    defaultText: "auto",
    description:
      "where jobs run: auto, docker, sandbox or process; auto takes the strongest isolation there is for each",
  },
  "fork-approval": {
    placeholder: "WHOSE",
    variables: ["WAYBILL_FORK_APPROVAL"],
    fallback: "always",
    defaultText: "always",
    description:
      "which pull requests from forks wait for somebody's approval: always, outsiders (those of people the forge does not call the repository's own) or never",
  },
  forges: {
    placeholder: "FILE",
    variables: ["WAYBILL_FORGES"],
    fallback: null,
    defaultText: "none",
    description:
      "a YAML file that says for which projects GitHub and GitLab are told of runs, and private repositories are fetched, and how",
  },
  "max-runs": {
    placeholder: "N",
    variables: ["WAYBILL_MAX_RUNS"],
    fallback: null,
    defaultText: "10",
    description: "runs that go on at once; others wait in the queue",
  },
  "max-jobs": {
    placeholder: "N",
    variables: ["WAYBILL_MAX_JOBS"],
    fallback: null,
    defaultText: "the number of processors",
    description: "jobs of one run that go on at once",
  },
  "rate-limit": {
    placeholder: "N",
    variables: ["WAYBILL_RATE_LIMIT"],
    fallback: null,
    defaultText: "3000",
    description: "requests a minute that one token, one user, or one address of others may make; 99999 at most",
  },
  "max-memory": {
    placeholder: "SIZE",
    variables: ["WAYBILL_MAX_MEMORY"],
    fallback: null,
    defaultText: "none",
    description: "the most memory a job may ask for, such as 512m or 4g; jobs in containers and sandboxes get no more",
  },
  "max-cpus": {
    placeholder: "N",
    variables: ["WAYBILL_MAX_CPUS"],
    fallback: null,
    defaultText: "none",
    description: "the most processors a job may ask for, such as 1.5",
  },
  "max-pids": {
    placeholder: "N",
    variables: ["WAYBILL_MAX_PIDS"],
    fallback: null,
    defaultText: "none",
    description: "the most processes and threads a job may ask for",
  },
  retention: {
    placeholder: "FILE",
    variables: ["WAYBILL_RETENTION"],
    fallback: null,
    defaultText: "waybill-retention.yaml in the data directory, where there is one",
    description: "how long artifacts are kept, and how much space they may take",
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;
