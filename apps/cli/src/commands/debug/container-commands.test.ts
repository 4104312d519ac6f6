import { dockerRecipe } from "@waybill/executors";
import { DEFAULT_PLACE } from "@waybill/pipeline";
import { describe, expect, test } from "vitest";
import { ContainerCommands } from "./container-commands.ts";
import type { StepRecipe } from "./recipe.ts";

const STEP: StepRecipe = {
  name: "s",
  workingDirectory: "",
  environment: {},
  redacted: [],
  image: null,
  script: ["true"],
  action: null,
};

function commandsFor(place: Partial<typeof DEFAULT_PLACE> = {}): ContainerCommands {
  return new ContainerCommands({ ...DEFAULT_PLACE, ...place }, { dockerRecipe });
}

describe("a step in a container", () => {
  test("gets a terminal where it is to have one", () => {
    expect(commandsFor().step(STEP, true)).toContain('docker run --rm -it --user "$user" ');
    expect(commandsFor().step(STEP, false)).toContain('docker run --rm --user "$user" ');
  });

  test("that names no image runs in the default one", () => {
    expect(commandsFor().imageOf(STEP)).toBe("ubuntu:24.04");
    expect(commandsFor().step(STEP, false)).toContain(" -- ubuntu:24.04 ");
  });

  test("has the network, the files and the pull policy of its job", () => {
    const isolation = { user: "root", rootFilesystem: "read_only", network: "none" } as const;
    const commands = commandsFor({ isolation, pullPolicy: "always" });
    const command = commands.step(STEP, false);
    for (const part of ["--network none", "--read-only --tmpfs", "--pull always", "--user 0:0"]) {
      expect(command).toContain(part);
    }
    expect(commands.setup().join("\n")).not.toContain("chown");
  });

  test("does not let an image's name become an option", () => {
    expect(commandsFor().step({ ...STEP, image: "--privileged $(id)" }, false)).toContain(" -- '--privileged $(id)' ");
  });
});
