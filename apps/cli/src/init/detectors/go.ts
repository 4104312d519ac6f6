import type { Detector } from "../starter.ts";

export const go: Detector = {
  id: "go",
  kind: "toolchain",
  detect({ names }) {
    if (!names.has("go.mod") && !names.has("go.work")) return null;
    return {
      because: names.has("go.mod") ? "go.mod" : "go.work",
      steps: [
        { name: "vet", script: ["go vet ./..."] },
        { name: "build", script: ["go build ./..."] },
        { name: "test", script: ["go test ./..."] },
      ],
      ...(names.has("go.work")
        ? { hints: ["This is a Go workspace: `./...` covers one module; give each module a job of its own."] }
        : {}),
    };
  },
};
