import { Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { EXECUTOR_MODES } from "../../run/executor-modes.ts";
import { collect, positiveInteger } from "../../options.ts";
import type { TokenOptions } from "./access.ts";
import type { ServerOptions } from "./action.ts";

const ROLE_NAMES = ["viewer", "developer", "approver", "admin"];

/** Values are checked by the server, which knows where else they may come from. */
export function serverCommand(runner: Runner): Command {
  const command = new Command("server")
    .description("Serve pipelines of Git repositories: API, queue of runs, triggers")
    .option("--data <DIR>", "where the server keeps its files (default: waybill-data; WAYBILL_DATA)")
    .option(
      "--database <PLACE>",
      "a SQLite file, or postgres://user:password@host:port/database (default: waybill.db in the data directory; WAYBILL_DATABASE)",
    )
    .option(
      "--artifacts <DIR>",
      "where artifacts are kept (default: artifacts in the data directory; WAYBILL_ARTIFACTS)",
    )
    .option(
      "--listen <ADDRESS>",
      "HOST:PORT to serve HTTP at, :PORT for all addresses of the machine (default: 127.0.0.1:8080; WAYBILL_LISTEN)",
    )
    .option(
      "--public-url <URL>",
      "where browsers find the server (default: http:// and the address it listens at; WAYBILL_PUBLIC_URL)",
    )
    .option(
      "--trusted-proxies <ADDRESSES>",
      "proxies before the server, whose word on callers' addresses is believed (default: none; WAYBILL_TRUSTED_PROXIES)",
    )
    .option(
      "--file-repositories <DIRS>",
      "directories, with : between them, whose repositories may be named by file:// (default: none; WAYBILL_FILE_REPOSITORIES)",
    )
    .option(
      "--secrets-key-file <FILE>",
      "the keys that secrets are encrypted with (default: secrets.key in the data directory; WAYBILL_SECRETS_KEY_FILE)",
    )
    .option("--oidc-issuer <URL>", "an OpenID Connect provider to sign in through (default: none; WAYBILL_OIDC_ISSUER)")
    .option(
      "--oidc-client-id <ID>",
      "what the provider knows this server by (default: waybill; WAYBILL_OIDC_CLIENT_ID)",
    )
    .option(
      "--oidc-client-secret-file <FILE>",
      "the secret that the provider gave this server (default: none; WAYBILL_OIDC_CLIENT_SECRET_FILE)",
    )
    .option(
      "--oidc-domains <DOMAINS>",
      "domains, with commas, whose people become users by themselves (default: none; WAYBILL_OIDC_DOMAINS)",
    )
    .addOption(
      new Option("--executor <WHERE>", "where jobs run (default: auto; WAYBILL_EXECUTOR)").choices(EXECUTOR_MODES),
    )
    .option(
      "--fork-approval <WHOSE>",
      "pull requests from forks that wait for approval: always, outsiders or never (default: always; WAYBILL_FORK_APPROVAL)",
    )
    .option("--forges <FILE>", "what opens GitHub and GitLab to which projects (default: none; WAYBILL_FORGES)")
    .option("--max-runs <N>", "runs that go on at once, others wait (default: 10; WAYBILL_MAX_RUNS)")
    .option("--max-jobs <N>", "jobs of one run at once (default: the number of processors; WAYBILL_MAX_JOBS)")
    .option("--rate-limit <N>", "requests a minute of one caller (default: 3000; WAYBILL_RATE_LIMIT)")
    .option(
      "--max-memory <SIZE>",
      "the most memory a job may ask for, such as 512m or 4g (default: none; WAYBILL_MAX_MEMORY)",
    )
    .option("--max-cpus <N>", "the most processors a job may ask for, such as 1.5 (default: none; WAYBILL_MAX_CPUS)")
    .option("--max-pids <N>", "the most processes and threads a job may ask for (default: none; WAYBILL_MAX_PIDS)")
    .option(
      "--retention <FILE>",
      "how long artifacts are kept (default: waybill-retention.yaml in the data directory; WAYBILL_RETENTION)",
    )
    .option("--config <PATH>", "a YAML file of these settings (WAYBILL_CONFIG); variables and options beat it")
    .action((options: ServerOptions) =>
      runner(async (context) => (await import("./action.ts")).server(context, options)),
    );
  command.addCommand(tokenCommand(runner));
  command.addCommand(signInLinkCommand(runner));
  return withExamples(command, [
    ["waybill server", "serve at 127.0.0.1:8080, everything in ./waybill-data"],
    ["waybill server --data /var/lib/waybill --listen :8080", "serve at every address of this machine"],
    ["WAYBILL_DATABASE=postgres://… waybill server", "keep runs in PostgreSQL, which several servers may share"],
  ]);
}

function tokenCommand(runner: Runner): Command {
  const command = new Command("token")
    .description("Make a token for a program on the data of a server, and print it: it is kept nowhere")
    .argument("<NAME>", "what the audit log calls the program: small letters, digits, dots, dashes")
    .option("--project <ID>", "the only project it is for (default: every project)")
    .addOption(new Option("--role <ROLE>", "what it is there").choices(ROLE_NAMES).default("developer"))
    .option(
      "--permission <NAME>",
      "what it may, of what its role may (repeatable; default: all of that)",
      collect,
      [] as readonly string[],
    )
    .addOption(new Option("--days <N>", "how long it lives (default: 90)").argParser(positiveInteger))
    .action((name: string, options: TokenOptions, self: Command) =>
      runner(async (context) =>
        (await import("./access.ts")).serverToken(context, name, options, self.optsWithGlobals()),
      ),
    );
  return withExamples(command, [
    ["waybill server --data /var/lib/waybill token deploy-bot", "a token that may what developers may"],
    [
      "waybill server --data /var/lib/waybill token git-hook --permission webhooks:receive",
      "one for post-receive hooks",
    ],
  ]);
}

function signInLinkCommand(runner: Runner): Command {
  const command = new Command("sign-in-link")
    .description("Make a link with which a user signs in once, within ten minutes, on the data of a server")
    .argument("[USER]", "name of the user (default: admin)")
    .action((user: string | undefined, _options: object, self: Command) =>
      runner(async (context) =>
        (await import("./access.ts")).signInLink(context, user ?? "admin", self.optsWithGlobals()),
      ),
    );
  return withExamples(command, [
    ["waybill server --data /var/lib/waybill sign-in-link", "sign in as admin, who has no password yet or forgot it"],
  ]);
}
