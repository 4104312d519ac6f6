/** Operations whose time is taken: all that asks the database. */
const OPERATIONS: ReadonlySet<string> = new Set([
  "create",
  "commit",
  "find",
  "list",
  "page",
  "jobs",
  "steps",
  "events",
  "unfinished",
  "origin",
  "definition",
  "artifacts",
  "executions",
  "findJob",
  "findArtifact",
  "isCancelRequested",
  "requestCancel",
  "claim",
]);

/** The same store, which tells how long each operation took. */
export function timedStore<Store extends object>(
  store: Store,
  observe: (operation: string, outcome: "ok" | "error", seconds: number) => void,
): Store {
  const timed = new Map<PropertyKey, unknown>();
  return new Proxy(store, {
    get(target, name) {
      const known = timed.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const bound = (value as (...args: unknown[]) => unknown).bind(target);
      const method = typeof name === "string" && OPERATIONS.has(name) ? timing(name, bound, observe) : bound;
      timed.set(name, method);
      return method;
    },
  });
}

function timing(
  operation: string,
  work: (...args: unknown[]) => unknown,
  observe: (operation: string, outcome: "ok" | "error", seconds: number) => void,
): (...args: unknown[]) => Promise<unknown> {
  return async (...args) => {
    const start = performance.now();
    let outcome: "ok" | "error" = "error";
    try {
      const result = await work(...args);
      outcome = "ok";
      return result;
    } finally {
      observe(operation, outcome, (performance.now() - start) / 1000);
    }
  };
}
