import type { Detector } from "../starter.ts";

export const rust: Detector = {
  id: "rust",
  kind: "toolchain",
  detect(files) {
    if (!files.names.has("Cargo.toml")) return null;
    const locked = files.names.has("Cargo.lock") ? " --locked" : "";
    const manifest = files.read("Cargo.toml") ?? "";
    const workspace = /^\s*\[workspace\]/m.test(manifest) ? " --workspace" : "";
    return {
      because: "Cargo.toml",
      steps: [
        { name: "build", script: [`cargo build${workspace}${locked}`] },
        { name: "test", script: [`cargo test${workspace}${locked}`] },
      ],
    };
  },
};
