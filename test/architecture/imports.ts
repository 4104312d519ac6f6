/**
 * Module specifiers in the text of a TypeScript file, with the line of each: `import`, `export … from`, `import()`
 * and `import("…").Type`. Reads text rather than a syntax tree: the compiler offers no parser as a library, and
 * formatted code needs none.
 */
export function importsOf(source: string): { readonly specifier: string; readonly line: number }[] {
  const pattern =
    /^(?:import|export)\b(?:[^"'`;]*?\bfrom)?\s*["']([^"']+)["']|^\}\s*from\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
  const imports: { specifier: string; line: number }[] = [];
  for (const match of source.matchAll(pattern)) {
    const specifier = match[1] ?? match[2] ?? match[3];
    if (specifier === undefined) continue;
    imports.push({ specifier, line: source.slice(0, match.index).split("\n").length });
  }
  return imports;
}
