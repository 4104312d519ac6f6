import type { Span } from "../diagnostics/span.ts";
import { excerpt, problem, type Problem, type ReportProblem } from "../expressions/problem.ts";
import { didYouMean, listNames } from "../graph/wording.ts";
import type { EnvironmentTemplate, Located } from "../model/template.ts";
import type { TextPart } from "./ast.ts";
import type { JobReferences } from "./job-references.ts";
import { MAX_CHAIN } from "./limits.ts";
import {
  isJobName,
  isMatrixName,
  isRuntimeVariable,
  isSecretName,
  RUNTIME_VARIABLES,
  withoutNamespace,
} from "./names.ts";
import { partialReference, type Resolved } from "./partial-text.ts";
import type { Session } from "./session.ts";
import { FAILED, type Failed, type Lookup } from "./substitute.ts";

/** A variable of an environment map, resolved at most once. */
interface Entry {
  readonly name: string;
  /** Null: being resolved right now. */
  value: Resolved | Failed | null;
  /** Variables in the longest chain of references from here, itself included. */
  depth: number;
  /** The next of that chain. */
  next: Entry | null;
}

/** What entries of all scopes of a pipeline share: those being resolved now, outermost first. */
export class EntryStack {
  readonly entries: Entry[] = [];
}

export interface ScopeContext {
  readonly session: Session;
  readonly stack: EntryStack;
  /** Null: there are no jobs to refer to. */
  readonly jobReferences: JobReferences | null;
}

/**
 * The variables that can be seen at one place: an environment map and the scopes around it.
 *
 * A value is resolved in the scope of the map it stands in, so a global value never sees variables of a job, and
 * `${X}` is the same text as `$X` in the shell. Runtime parameters come before all maps, system variables after.
 */
export class EnvironmentScope {
  readonly #context: ScopeContext;
  readonly #entries: EnvironmentTemplate;
  readonly #outer: EnvironmentScope | null;
  readonly #job: string | null;
  readonly #resolved = new Map<string, Entry>();
  #names: readonly string[] | null = null;

  /** @param job - the job this scope belongs to; null: the whole pipeline */
  constructor(context: ScopeContext, entries: EnvironmentTemplate, outer: EnvironmentScope | null, job: string | null) {
    this.#context = context;
    this.#entries = entries;
    this.#outer = outer;
    this.#job = job;
  }

  /** The scope of a map inside this one. */
  inner(entries: EnvironmentTemplate, job: string | null): EnvironmentScope {
    return entries.size === 0 && job === this.#job ? this : new EnvironmentScope(this.#context, entries, this, job);
  }

  /** @param allowsSecrets - true where the text is an environment value */
  lookup(report: ReportProblem, allowsSecrets = false, self: string | null = null): Lookup {
    return {
      report,
      evaluation: { meter: this.#context.session.meter },
      find: (name, span) => this.#find(name, span, self, report),
      undefinedProblem: (name, span) => this.#undefinedProblem(name, span, self),
      secretProblem: (part) => (allowsSecrets ? null : misplacedSecret(part)),
    };
  }

  resolve(located: Located<string>, allowsSecrets = false): Resolved | Failed {
    if (!located.value.includes("${")) return located.value;
    const { session } = this.#context;
    return session.resolve(located, this.lookup(session.reporterOf(located), allowsSecrets));
  }

  /** The value of a name of this scope's own map, with runtime parameters above it. */
  valueOf(name: string, located: Located<string>): Resolved | Failed {
    return this.#context.session.parameters.get(name) ?? this.#entry(name, located).value ?? FAILED;
  }

  /** All names that can be referred to here, sorted, without namespaces. */
  names(): readonly string[] {
    if (this.#names !== null) return this.#names;
    const names = new Set<string>(this.#outer?.names() ?? this.#outermostNames());
    for (const name of this.#entries.keys()) names.add(name);
    this.#names = [...names].sort();
    return this.#names;
  }

  #outermostNames(): string[] {
    const { parameters, system } = this.#context.session;
    return [...parameters.keys(), ...system.keys(), ...RUNTIME_VARIABLES];
  }

  #find(name: string, span: Span, self: string | null, report: ReportProblem): Resolved | null | Failed {
    if (isSecretName(name)) return partialReference(`\${${name}}`, 1, true);
    const { session, jobReferences } = this.#context;
    if (isMatrixName(name)) return session.matrix.get(withoutNamespace(name)) ?? null;
    const parameter = session.parameters.get(name);
    if (parameter !== undefined) return parameter;
    // A value that names itself means the variable it hides, as in PATH: "${PATH}:./bin".
    let scope: EnvironmentScope | null = name === self ? this.#outer : this;
    for (; scope !== null; scope = scope.#outer) {
      const located = scope.#entries.get(name);
      if (located !== undefined) return scope.#dependOn(name, located, span, report);
    }
    const system = session.system.get(name);
    if (system !== undefined) return system;
    if (isJobName(name) && jobReferences !== null) {
      const canonical = `job${name.slice(3)}`;
      const found = jobReferences.check(canonical, this.#job, span);
      if (found === null) return partialReference(`\${${canonical}}`);
      report(found);
      return FAILED;
    }
    return isRuntimeVariable(name) ? partialReference(`\${${name}}`) : null;
  }

  /** Resolves the entry as part of the one being resolved now, watching for circles and endless chains. */
  #dependOn(name: string, located: Located<string>, span: Span, report: ReportProblem): Resolved | Failed {
    const { entries: stack } = this.#context.stack;
    const known = this.#resolved.get(name);
    if (known?.value === null) {
      const circle = stack.slice(stack.indexOf(known)).map((entry) => entry.name);
      report(problem("VARIABLE_CIRCULAR", { chain: [...circle, name].join(" → ") }, span));
      return FAILED;
    }
    if (known === undefined && stack.length >= MAX_CHAIN) {
      report(chainTooLong([...stack.map((entry) => entry.name), name], span));
      return FAILED;
    }
    const entry = known ?? this.#entry(name, located);
    const from = stack.at(-1);
    if (from !== undefined && entry.depth >= from.depth) {
      from.depth = entry.depth + 1;
      from.next = entry;
      if (from.depth > MAX_CHAIN && entry.value !== FAILED) {
        report(chainTooLong(chainOf(from), span));
        return FAILED;
      }
    }
    return entry.value ?? FAILED;
  }

  #entry(name: string, located: Located<string>): Entry {
    const known = this.#resolved.get(name);
    if (known !== undefined) return known;
    const entry: Entry = { name, value: null, depth: 1, next: null };
    this.#resolved.set(name, entry);
    const { session, stack } = this.#context;
    if (located.value.includes("${")) {
      stack.entries.push(entry);
      entry.value = session.resolve(located, this.lookup(session.reporterOf(located), true, name));
      stack.entries.pop();
    } else {
      entry.value = located.value;
    }
    return entry;
  }

  #undefinedProblem(name: string, span: Span, self: string | null): Problem {
    if (name === self) return problem("VARIABLE_CIRCULAR", { chain: `${name} → ${name}` }, span);
    const { session } = this.#context;
    const isMatrix = isMatrixName(name);
    const names = !session.suggests ? [] : isMatrix ? [...session.matrix.keys()] : this.names();
    const fallback = `\${${excerpt(name)}:-value}`;
    return problem(
      "VARIABLE_UNDEFINED",
      {
        name: excerpt(name),
        scope: isMatrix ? "matrix" : this.#job === null ? "pipeline" : `job '${this.#job}'`,
        hint: didYouMean(isMatrix ? withoutNamespace(name) : name, names),
        advice: isMatrix
          ? `Supply it with the matrix, or write a default: ${fallback}.`
          : `Define it in an environment map, pass it with --var, or write a default: ${fallback}.`,
        available: `Available variables: ${listNames(names.map(excerpt))}.`,
      },
      span,
    );
  }
}

function chainOf(start: Entry): string[] {
  const names: string[] = [];
  for (let entry: Entry | null = start; entry !== null; entry = entry.next) names.push(entry.name);
  return names;
}

function chainTooLong(chain: readonly string[], span: Span): Problem {
  return problem("VARIABLE_CHAIN_TOO_LONG", { limit: MAX_CHAIN, chain: chain.map(excerpt).join(" → ") }, span);
}

function misplacedSecret(part: TextPart & { readonly span: Span }): Problem {
  const name = part.kind === "reference" && part.subject.kind === "name" ? part.subject.name : null;
  const reference = excerpt(part.kind === "reference" ? part.source : "${{ … }}");
  if (name === null || !isSecretName(name)) {
    const advice =
      name === null
        ? "Compute the value in the environment of the job or step, and let the script read it from there."
        : `The value of ${name} holds a secret: let the script read $${name} from its environment.`;
    return problem("VARIABLE_SECRET_MISPLACED", { reference, advice }, part.span);
  }
  const variable = withoutNamespace(name);
  const entry = `environment: { ${variable}: "\${${name}}" }`;
  const advice = `Put it into the environment of the job or step, as in ${entry}, and let the script read $${variable}.`;
  return problem("VARIABLE_SECRET_MISPLACED", { reference, advice }, part.span);
}
