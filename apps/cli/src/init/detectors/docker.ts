import type { Detector } from "../starter.ts";

export const docker: Detector = {
  id: "image",
  kind: "packaging",
  detect({ names }) {
    const because = ["Dockerfile", "Containerfile"].find((name) => names.has(name));
    if (because === undefined) return null;
    const file = because === "Dockerfile" ? "" : ` --file ${because}`;
    return { because, steps: [{ name: "build", script: [`docker build${file} .`] }] };
  },
};
