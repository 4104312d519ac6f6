import { WaybillError } from "@waybill/core";
import { problemError, type Problem } from "../expressions/problem.ts";
import type { Located } from "../model/template.ts";
import { EntryStack, EnvironmentScope } from "./environment-scope.ts";
import { parseText } from "./parser.ts";
import { isPartial } from "./partial-text.ts";
import { Session, wholeOf } from "./session.ts";
import type { ReferencePart, TextPart, TextTemplate } from "./ast.ts";
import { isRuntimeVariable, systemVariables } from "./names.ts";
import { FAILED } from "./substitute.ts";

type Variables = Readonly<Record<string, string>>;

/** Replaces variables in single texts, for programs that use the substitution without a pipeline around it. */
export class VariableSubstitution {
  readonly #globalEnv: Variables;
  readonly #systemEnv: Variables;

  /** @param systemEnv - the default is what a pipeline may see of this process's environment; an empty map is empty */
  constructor(globalEnv: Variables, systemEnv: Variables = systemVariables(process.env)) {
    this.#globalEnv = globalEnv;
    this.#systemEnv = systemEnv;
  }

  /**
   * The text with every reference replaced.
   *
   * @throws WaybillError for the first problem; for several undefined variables their names are all in its message
   */
  resolveVariables(text: string, jobEnv: Variables = {}): string {
    const problems: Problem[] = [];
    const scope = this.#scope(jobEnv, problems);
    const located = locate(text);
    const resolved = scope.resolve(located);
    const [failure] = problems;
    if (failure !== undefined) throw problemError(withAllNames(failure, problems));
    if (resolved === FAILED || isPartial(resolved)) {
      const parameters = { reference: text, advice: "Only a run knows it." };
      throw new WaybillError("VARIABLE_NOT_PROVIDED", parameters);
    }
    return resolved;
  }

  /** @param name - a name as it stands between the braces, with its default if it has one: `STAGE:-dev` */
  resolveSingleVariable(name: string, jobEnv: Variables = {}): string {
    return this.resolveVariables(`\${${name}}`, jobEnv);
  }

  /** Names in the text that are not among `available` and have no default, each once, in order; never throws. */
  validateVariableReferences(text: string, available: Iterable<string>): string[] {
    const known = new Set(available);
    const missing = new Set<string>();
    for (const name of requiredNames(parseText(text).template)) {
      if (!known.has(name) && !isRuntimeVariable(name)) missing.add(name);
    }
    return [...missing];
  }

  /** Names of all scopes, sorted, each once. */
  getAvailableVariables(jobEnv: Variables = {}): string[] {
    const names = [this.#globalEnv, this.#systemEnv, jobEnv].flatMap((variables) => Object.keys(variables));
    return [...new Set(names)].sort();
  }

  #scope(jobEnv: Variables, problems: Problem[]): EnvironmentScope {
    const session = new Session({ parameters: {}, system: this.#systemEnv }, () => (found) => problems.push(found));
    const context = { session, stack: new EntryStack(), jobReferences: null };
    const globals = new EnvironmentScope(context, locateAll(this.#globalEnv), null, null);
    return globals.inner(locateAll(jobEnv), null);
  }
}

function locate(value: string): Located<string> {
  return { value, path: "", span: wholeOf(value) };
}

function locateAll(variables: Variables): Map<string, Located<string>> {
  return new Map(Object.entries(variables).map(([name, value]) => [name, locate(value)]));
}

function* requiredNames(template: TextTemplate): Generator<string> {
  for (const part of template) yield* requiredNamesOf(part);
}

function* requiredNamesOf(part: TextPart): Generator<string> {
  if (part.kind === "reference") {
    yield* namesOfReference(part);
  } else if (part.kind === "expression") {
    for (const [index, reference] of part.expression.references.entries()) {
      if (reference.kind === "name") yield reference.name;
      else yield* requiredNames(part.texts.get(index) ?? []);
    }
  }
}

function* namesOfReference({ subject, form }: ReferencePart): Generator<string> {
  const needsValue = form.kind === "plain" || form.kind === "replace";
  if (subject.kind === "name" && needsValue) yield subject.name;
}

/** Several undefined variables are one error that names them all. */
function withAllNames(first: Problem, problems: readonly Problem[]): Problem {
  if (first.code !== "VARIABLE_UNDEFINED") return first;
  const names = problems
    .filter(({ code }) => code === "VARIABLE_UNDEFINED")
    .map(({ parameters }) => parameters["name"]);
  return { ...first, parameters: { ...first.parameters, name: [...new Set(names)].join("', '") } };
}
