import type { DetectedJob, DetectedProject } from "./detect-project.ts";

const HEADER = `# What Waybill does for this project. \`waybill lint\` checks this file, \`waybill plan\` shows what it means,
# \`waybill run\` runs it. Each job works in a fresh copy of the project's files; its steps run one after the other
# there. Jobs that do not depend on each other run at the same time.
`;

const EMPTY_JOB = `  # There was nothing here to tell how to build this project: put your own commands below.
  hello:
    steps:
      - name: greet
        script:
          - echo "Hello from Waybill"
`;

const MORE = `
  # Another job, when you need one:
  #
  # package:
  #   depends_on: [JOB]          # runs after it, and gets its artifacts
  #   steps:
  #     - name: pack
  #       script:
  #         - tar -czf package.tgz dist
  #   artifacts:
  #     package: package.tgz     # kept after the run
`;

/**
 * The text of a first pipeline file, with comments that explain it.
 *
 * @param name - name of the pipeline, any text
 */
export function renderStarter(name: string, project: DetectedProject): string {
  const hints = project.hints.map((hint) => `#\n# ${hint}\n`).join("");
  const jobs = project.jobs.length === 0 ? EMPTY_JOB : project.jobs.map(renderJob).join("\n");
  return `${HEADER}${hints}\nname: ${yamlText(name)}\n\njobs:\n${jobs}${MORE}`;
}

function renderJob({ name, detection, directory, dependsOn }: DetectedJob): string {
  const place = directory === null ? "" : ` in ${commentText(directory)}`;
  return [
    `  # Because of ${detection.because}${place}.`,
    `  ${name}:`,
    ...(dependsOn.length === 0 ? [] : [`    depends_on: [${dependsOn.join(", ")}]`]),
    "    steps:",
    ...detection.steps.flatMap((step) => [
      `      - name: ${yamlText(step.name)}`,
      ...(directory === null ? [] : [`        working_directory: ${yamlText(pathText(directory))}`]),
      "        script:",
      ...step.script.map((line) => `          - ${yamlText(line)}`),
    ]),
    "",
  ].join("\n");
}

/**
 * Text as a YAML scalar: plain where nothing in it could mean something else, otherwise quoted as JSON, which YAML
 * reads the same. `\${` would be a reference of Waybill's.
 */
function yamlText(text: string): string {
  const literal = text.replaceAll("${", () => "$${");
  const isPlain = /^[A-Za-z./][\w ./=+-]*$/.test(literal) && !/\s$/.test(literal) && !isKeyword(literal);
  return isPlain ? literal : quoted(literal);
}

/** As JSON, with those characters escaped that JSON takes as they are and YAML does not. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A directory may be called `" "`, which as a field's value would count as none. */
function pathText(directory: string): string {
  return directory.trim() === "" ? `./${directory}` : directory;
}

function isKeyword(text: string): boolean {
  return /^(true|false|null|yes|no|on|off|y|n|\.nan|\.inf)$/i.test(text) || !Number.isNaN(Number(text));
}

/** A directory's name may hold anything, a line break too. */
function commentText(text: string): string {
  return quoted(text).slice(1, -1);
}
