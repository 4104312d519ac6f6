import type { DiagnosticCollector } from "../../diagnostics/diagnostic.ts";
import type { Located } from "../../model/template.ts";
import type { MappingNode } from "../../yaml/node.ts";
import { asMapping, itemsAt, mappingAt, textAt, textsAt } from "../read-values.ts";

/**
 * What is deployed is what the build stage has kept, by the names of its outputs. Paths would lead into the source,
 * which a deployment never sees.
 * @returns whether that is so
 */
export function checkDeploy(root: MappingNode, collector: DiagnosticCollector): boolean {
  const deploy = mappingAt(root, "deploy");
  if (deploy === null) return true;
  const outputs = outputNames(root);
  const wrong = references(deploy).filter(({ value }) => !outputs.has(value));
  for (const reference of wrong) {
    collector.report("SHIPINATOR_DEPLOY_NO_ARTIFACT", { name: reference.value }, reference);
  }
  return wrong.length === 0;
}

function references(deploy: MappingNode): readonly Located<string>[] {
  const [helm, kubectl] = [mappingAt(deploy, "helm"), mappingAt(deploy, "kubectl")];
  const found = [...textsAt(deploy, "artifacts", "deploy")];
  if (helm !== null) {
    const chart = textAt(helm, "chart", "deploy.helm");
    found.push(...(chart === null ? [] : [chart]), ...textsAt(helm, "values_files", "deploy.helm"));
  }
  if (kubectl !== null) {
    const manifests = textAt(kubectl, "manifests", "deploy.kubectl");
    const listed = textsAt(kubectl, "manifests", "deploy.kubectl");
    found.push(...(manifests === null ? [] : [manifests]), ...listed);
  }
  return found;
}

function outputNames(root: MappingNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const step of itemsAt(mappingAt(root, "build"), "steps").map(asMapping)) {
    for (const output of itemsAt(step, "outputs").map(asMapping)) {
      const name = output === null ? null : textAt(output, "name", "");
      if (name !== null) names.add(name.value);
    }
  }
  return names;
}
