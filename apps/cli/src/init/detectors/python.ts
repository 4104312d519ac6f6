import type { Detector, ProjectFiles, StarterStep } from "../starter.ts";

export const python: Detector = {
  id: "python",
  kind: "toolchain",
  detect(files) {
    const { names } = files;
    const because = ["pyproject.toml", "requirements.txt", "setup.py"].find((name) => names.has(name));
    if (because === undefined) return null;
    const project = files.read("pyproject.toml") ?? "";
    if (names.has("uv.lock")) {
      return { because: "uv.lock", steps: [step("install", "uv sync --locked"), step("test", "uv run pytest")] };
    }
    if (names.has("poetry.lock")) {
      return { because: "poetry.lock", steps: [step("install", "poetry install"), step("test", "poetry run pytest")] };
    }
    // A virtual environment in the workspace: the host's Python stays as it is.
    const install = [
      "python3 -m venv .venv",
      ...(names.has("requirements.txt") ? [".venv/bin/pip install -r requirements.txt"] : []),
      ...(names.has("pyproject.toml") || names.has("setup.py") ? [".venv/bin/pip install ."] : []),
    ];
    return { because, steps: [{ name: "install", script: install }, testStep(files, project)] };
  },
};

function testStep(files: ProjectFiles, project: string): StarterStep {
  const mentioned = `${project}\n${files.read("requirements.txt") ?? ""}`;
  const usesPytest = /\bpytest\b/.test(mentioned) || files.names.has("pytest.ini") || files.names.has("conftest.py");
  return usesPytest
    ? { name: "test", script: [".venv/bin/pip install pytest", ".venv/bin/pytest"] }
    : step("test", ".venv/bin/python -m unittest");
}

function step(name: string, ...script: string[]): StarterStep {
  return { name, script };
}
