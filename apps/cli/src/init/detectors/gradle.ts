import type { Detector } from "../starter.ts";

export const gradle: Detector = {
  id: "gradle",
  kind: "toolchain",
  detect({ names }) {
    const because = ["build.gradle", "build.gradle.kts"].find((name) => names.has(name));
    if (because === undefined) return null;
    const command = names.has("gradlew") ? "sh ./gradlew" : "gradle";
    return { because, steps: [{ name: "build", script: [`${command} --no-daemon build`] }] };
  },
};
