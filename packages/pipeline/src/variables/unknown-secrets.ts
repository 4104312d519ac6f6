import { isDeferred, type Text } from "../model/definition.ts";
import type { TextTemplate } from "./ast.ts";
import { isSecretName, withoutNamespace } from "./names.ts";
import { parseText } from "./parser.ts";

/**
 * Names of the secrets without which a text cannot be completed. One that has a default (`${secrets.A:-b}`) is needed
 * by nobody.
 *
 * @param given - the secrets there are, by name
 */
export function unknownSecrets(text: Text, given: Readonly<Record<string, string>>): ReadonlySet<string> {
  const unknown = new Set<string>();
  // Most texts name none; those need not be parsed.
  if (isDeferred(text) && text.deferred.includes("secrets.")) {
    collect(parseText(text.deferred, "deferred").template, given, unknown);
  }
  return unknown;
}

function collect(template: TextTemplate, given: Readonly<Record<string, string>>, unknown: Set<string>): void {
  const note = (name: string): void => {
    if (isSecretName(name) && !Object.hasOwn(given, withoutNamespace(name))) unknown.add(withoutNamespace(name));
  };
  for (const part of template) {
    if (part.kind === "literal") continue;
    if (part.kind === "expression") {
      for (const reference of part.expression.references) if (reference.kind === "name") note(reference.name);
      for (const text of part.texts.values()) collect(text, given, unknown);
      continue;
    }
    const { subject, form } = part;
    const hasText = form.kind === "default" || form.kind === "alternate";
    if (subject.kind === "template") collect(subject.template, given, unknown);
    else if (!hasText) note(subject.name);
    if (!hasText) continue;
    // The text of the form counts only where the secret itself decides that it is used.
    const isKnown = subject.kind === "name" && isSecretName(subject.name);
    const isThere = isKnown && (given[withoutNamespace(subject.name)] ?? "") !== "";
    if (!isKnown || isThere === (form.kind === "alternate")) collect(form.text, given, unknown);
  }
}
