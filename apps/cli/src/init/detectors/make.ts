import type { Detector } from "../starter.ts";

/** Targets that check a project, in the order they make sense. */
const TARGETS = ["lint", "build", "all", "check", "test"];

export const make: Detector = {
  id: "make",
  kind: "wrapper",
  detect(files) {
    const because = ["GNUmakefile", "makefile", "Makefile"].find((name) => files.names.has(name));
    const text = because === undefined ? null : files.read(because);
    if (because === undefined || text === null) return null;
    const found = targetsOf(text);
    const wanted = TARGETS.filter((target) => found.has(target));
    // `all` is what `build` is called elsewhere.
    const targets = wanted.includes("build") ? wanted.filter((target) => target !== "all") : wanted;
    const steps = targets.map((target) => ({ name: target, script: [`make ${target}`] }));
    return { because, steps: steps.length > 0 ? steps : [{ name: "make", script: ["make"] }] };
  },
};

/** Names before a single colon at the beginning of a line; `:=` and the like are variables. */
function targetsOf(text: string): ReadonlySet<string> {
  return new Set(
    [...text.matchAll(/^([A-Za-z0-9][\w -]*?)\s*:(?![:=]|:=)/gm)].flatMap(([, names = ""]) => names.split(/\s+/)),
  );
}
