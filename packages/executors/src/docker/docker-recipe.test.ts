import { DEFAULT_PLACE, type JobPlace } from "@waybill/engine";
import { execFileSync } from "node:child_process";
import { expect, it, onTestFinished } from "vitest";
import { TEST_IMAGE } from "../../../../test/support/docker-daemon.ts";
import { askDaemon, containersBelow, DockerJobs } from "../../../../test/support/docker-jobs.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { dockerRecipe } from "./docker-recipe.ts";

/** What both must have in common. */
const LIMITS = ["Memory", "MemorySwap", "PidsLimit", "NanoCpus"];
const WALLS = ["CapAdd", "CapDrop", "SecurityOpt", "Privileged", "IpcMode", "ReadonlyRootfs", "Tmpfs"];

const PLACES: readonly (readonly [string, JobPlace])[] = [
  ["says nothing", { ...DEFAULT_PLACE, isolation: { ...DEFAULT_PLACE.isolation, network: "none" } }],
  [
    "says everything",
    {
      resources: { memory: 64 * 1024 ** 2, cpus: 0.5, pids: 100 },
      isolation: { user: "root", rootFilesystem: "read_only", network: "none" },
      pullPolicy: "never",
    },
  ],
];

describeWith("docker", "the recipe of a container", () => {
  it.each(PLACES)("is that of the executor's own, where the job %s", async (_, place) => {
    const jobs = await DockerJobs.open();
    await jobs.executor.submit(jobs.spec({ place }));
    const [own] = await containersBelow(jobs.root);
    const { options, image } = dockerRecipe(place, TEST_IMAGE);
    const made = execFileSync("docker", ["create", ...options.flat(), "--", image, "true"], {
      encoding: "utf8",
    }).trim();
    onTestFinished(async () => void (await askDaemon(`/containers/${made}?force=1`, "DELETE")));
    expect(await hostConfig(made)).toEqual(await hostConfig(own?.replace(/^\//, "") ?? ""));
  });
});

async function hostConfig(container: string): Promise<Readonly<Record<string, unknown>>> {
  const { Config: config, HostConfig: host } = (await askDaemon(`/containers/${container}/json`)) as {
    readonly Config: Readonly<Record<string, unknown>>;
    readonly HostConfig: Readonly<Record<string, unknown>>;
  };
  // Older daemons keep an empty list as null; capabilities have a prefix in the command line's way of writing.
  const plain = (value: unknown): unknown =>
    Array.isArray(value) ? value.map((each) => String(each).replace(/^CAP_/, "")).toSorted() : value;
  return {
    hostname: config["Hostname"],
    health: config["Healthcheck"],
    network: host["NetworkMode"],
    ...Object.fromEntries([...LIMITS, ...WALLS].map((name) => [name, plain(host[name] ?? [])])),
  };
}
