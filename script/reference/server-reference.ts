import { SETTINGS, type Setting } from "../../apps/server/src/index.ts";

const PREFACE = `# Server

\`waybill server\` serves pipelines of Git repositories. It keeps everything in one directory, and needs nothing else.

## Settings

What an option says beats what a variable says, and that beats the file named with \`--config\`. In the file, which is YAML,
a setting has the name of its option with underscores.
`;

const DATABASE_FIELDS = `
The address of a PostgreSQL database may also be given in parts: \`db.host\`, \`port\`, \`user\`, \`password\`, \`name\`, \`ssl_mode\` in
the file, or \`SHIPINATOR_DB_HOST\`, \`SHIPINATOR_DB_PORT\`, … as variables.

## API

[openapi.json](openapi.json) describes every operation; a server has it at \`/openapi.json\`. An error is a problem of
[RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) with one of the [codes](errors.md) of Waybill.
`;

/** `docs/reference/server.md`: the table of settings as Markdown. */
export function serverReference(): string {
  const rows = Object.entries<Setting>(SETTINGS).map(
    ([name, { placeholder, variables, defaultText, description }]) =>
      `| \`--${name} ${placeholder}\` | ${variables.map((variable) => `\`${variable}\``).join(", ")} | ${defaultText} | ${description} |`,
  );
  const table = ["| option | variables | default | what it is |", "| --- | --- | --- | --- |", ...rows];
  return `${PREFACE}\n${table.join("\n")}\n${DATABASE_FIELDS}`;
}
