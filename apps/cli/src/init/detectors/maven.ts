import type { Detector } from "../starter.ts";

export const maven: Detector = {
  id: "maven",
  kind: "toolchain",
  detect({ names }) {
    if (!names.has("pom.xml")) return null;
    const mvn = names.has("mvnw") ? "sh ./mvnw" : "mvn";
    return { because: "pom.xml", steps: [{ name: "verify", script: [`${mvn} --batch-mode verify`] }] };
  },
};
