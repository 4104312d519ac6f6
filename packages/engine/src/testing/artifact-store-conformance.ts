import { execFile } from "node:child_process";
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ArtifactStore, SavedArtifact, TransferProgress } from "../ports/files.ts";
import { listTree } from "./list-tree.ts";

export interface ArtifactStoreHarness {
  /** Another store on the same place, as after a restart. */
  open(): ArtifactStore;
  dispose(): Promise<void>;
}

/** What every artifact store must do. */
export function artifactStoreConformance(name: string, makeHarness: () => Promise<ArtifactStoreHarness>): void {
  describe(`artifact store: ${name}`, () => {
    let harness: ArtifactStoreHarness;
    let store: ArtifactStore;
    let root: string;
    let workspace: string;
    let target: string;

    beforeEach(async () => {
      harness = await makeHarness();
      store = harness.open();
      root = await mkdtemp(join(tmpdir(), "waybill-workspaces-"));
      workspace = join(root, "workspace");
      target = join(root, "target");
      await mkdir(workspace);
      await mkdir(target);
    });

    afterEach(async () => {
      await harness.dispose();
      await rm(root, { recursive: true });
    });

    async function put(path: string, content = path): Promise<void> {
      await mkdir(dirname(join(workspace, path)), { recursive: true });
      await writeFile(join(workspace, path), content);
    }

    function save(...patterns: string[]): Promise<readonly SavedArtifact[]> {
      return store.save({ runId: "run-1", jobName: "build", workspace, patterns: { app: patterns } });
    }

    /** What a job after it finds, below its workspace: `path`, `path/` or `path -> target`. */
    async function roundTrip(...patterns: string[]): Promise<string[]> {
      await store.restore(await save(...patterns), target);
      return listTree(target);
    }

    test("files come back under their paths, with their contents", async () => {
      await put("dist/app.js", "hello");
      await put("dist/css/app.css");
      await put("src/app.ts");
      expect(await roundTrip("dist/app.js", "dist/css/app.css")).toEqual([
        "dist/",
        "dist/app.js",
        "dist/css/",
        "dist/css/app.css",
      ]);
      expect(await readFile(join(target, "dist/app.js"), "utf8")).toBe("hello");
    });

    test("an artifact says its name, job, size and number of files", async () => {
      await put("dist/a", "12345");
      await put("dist/b", "");
      await put("dist/c/d", "xyz");
      const [artifact, ...others] = await save("dist");
      expect(artifact).toEqual({
        name: "app",
        jobName: "build",
        ref: expect.stringMatching(/./),
        sizeBytes: 8,
        fileCount: 3,
      });
      expect(others).toEqual([]);
    });

    test.each(["dist", "dist/", "./dist", "dist/**", "di*"])(
      "%j means everything below, hidden files too",
      async (pattern) => {
        await put("dist/.hidden/.file");
        await put("dist/a b/ü🚚");
        await put("other");
        await mkdir(join(workspace, "dist/empty"));
        expect(await roundTrip(pattern)).toEqual([
          "dist/",
          "dist/.hidden/",
          "dist/.hidden/.file",
          "dist/a b/",
          "dist/a b/ü🚚",
          "dist/empty/",
        ]);
      },
    );

    test("the whole workspace can be kept", async () => {
      await put("a");
      await put("b/c");
      expect(await roundTrip(".")).toEqual(["a", "b/", "b/c"]);
    });

    test("patterns choose files, and a pattern with ! takes some out again", async () => {
      for (const path of ["a/x.js", "a/x.js.map", "a/b/y.js", "a/skip/z.js", "x.ts"]) await put(path);
      expect(await roundTrip("a/**/*.js", "!a/skip")).toEqual(["a/", "a/b/", "a/b/y.js", "a/x.js"]);
    });

    test("a name that looks like a pattern means itself where there is such a file", async () => {
      await put("report [1].html");
      await put("report 1.html");
      expect(await roundTrip("report [1].html")).toEqual(["report [1].html"]);
    });

    test("several artifacts of a job are kept apart", async () => {
      await put("a");
      await put("b");
      const saved = await store.save({
        runId: "run-1",
        jobName: "build",
        workspace,
        patterns: { "../odd name": ["a"], second: ["b"] },
      });
      expect(saved.map((artifact) => artifact.name)).toEqual(["../odd name", "second"]);
      await store.restore(saved.slice(1), target);
      expect(await listTree(target)).toEqual(["b"]);
    });

    test("executable files stay executable; nothing else of the mode is kept", async () => {
      await put("run.sh");
      await put("data");
      await chmod(join(workspace, "run.sh"), 0o4775);
      await chmod(join(workspace, "data"), 0o600);
      await roundTrip("run.sh", "data");
      expect((await lstat(join(target, "run.sh"))).mode & 0o7777).toBe(0o755);
      expect((await lstat(join(target, "data"))).mode & 0o7777).toBe(0o644);
    });

    test("links that stay inside the workspace are kept as links, also where they lead nowhere", async () => {
      await put("dist/real");
      await mkdir(join(workspace, "dist/bin"));
      await symlink("../real", join(workspace, "dist/bin/tool"));
      await symlink("missing", join(workspace, "dist/dangling"));
      await symlink("../src", join(workspace, "dist/directory"));
      expect(await roundTrip("dist")).toEqual([
        "dist/",
        "dist/bin/",
        "dist/bin/tool -> ../real",
        "dist/dangling -> missing",
        "dist/directory -> ../src",
        "dist/real",
      ]);
    });

    test.each(["/etc/passwd", "../../outside", "inner/../../../outside", "self/../../outside"])(
      "a link to %j is refused by name",
      async (destination) => {
        await put("dist/file");
        await symlink(".", join(workspace, "dist/self"));
        await symlink(destination, join(workspace, "dist/link"));
        await expect(save("dist")).rejects.toMatchObject({
          code: "ARTIFACT_UNSAFE",
          message: expect.stringContaining("link"),
        });
      },
    );

    test.each(["/etc/passwd", "../workspace/file", "a/../../x", "..", "!../x"])(
      "the pattern %j is refused",
      async (pattern) => {
        await put("file");
        await expect(save("file", pattern)).rejects.toMatchObject({ code: "ARTIFACT_UNSAFE" });
      },
    );

    test("what lies behind a link is not taken", async () => {
      await mkdir(join(root, "outside"));
      await writeFile(join(root, "outside/secret"), "secret");
      await symlink("../outside", join(workspace, "link"));
      await expect(save("link/secret")).rejects.toMatchObject({ code: "ARTIFACT_MISSING" });
      await expect(save("**/secret")).rejects.toMatchObject({ code: "ARTIFACT_MISSING" });
    });

    test("a named pipe is refused, without waiting for somebody to write to it", async () => {
      await put("dist/file");
      await promisify(execFile)("mkfifo", [join(workspace, "dist/pipe")]);
      await expect(save("dist")).rejects.toMatchObject({
        code: "ARTIFACT_UNSAFE",
        message: expect.stringContaining("dist/pipe"),
      });
    });

    test("patterns that match nothing are named, with the artifact", async () => {
      await put("dist/app.js");
      await mkdir(join(workspace, "empty"));
      const failure = save("dist", "missing.txt", "*.css", "empty");
      await expect(failure).rejects.toMatchObject({ code: "ARTIFACT_MISSING" });
      await expect(failure).rejects.toThrow('"app" was not built: no file matches "missing.txt", "*.css", "empty".');
    });

    test("where one artifact is missing, none is kept, and those saved before stay", async () => {
      await put("a", "before");
      const before = await save("a");
      await put("a", "after");
      await expect(
        store.save({ runId: "run-1", jobName: "build", workspace, patterns: { app: ["a"], other: ["missing"] } }),
      ).rejects.toMatchObject({ code: "ARTIFACT_MISSING" });
      await store.restore(before, target);
      expect(await readFile(join(target, "a"), "utf8")).toBe("before");
    });

    test("an optional artifact is left out where it is not there, and kept as far as it is", async () => {
      await put("reports/unit.xml");
      const patterns = { trace: ["trace.log"], reports: ["reports/unit.xml", "reports/e2e.xml"] };
      const request = { runId: "run-1", jobName: "build", workspace, patterns };
      await expect(store.save({ ...request, optional: ["reports"] })).rejects.toMatchObject({
        code: "ARTIFACT_MISSING",
      });
      const saved = await store.save({ ...request, optional: ["trace", "reports"] });
      expect(saved.map((artifact) => [artifact.name, artifact.fileCount])).toEqual([["reports", 1]]);
      await store.restore(saved, target);
      expect(await listTree(target)).toEqual(["reports/", "reports/unit.xml"]);
    });

    test("an optional artifact that leaves the workspace is refused all the same", async () => {
      await symlink("/etc/passwd", join(workspace, "link"));
      const request = { runId: "run-1", jobName: "build", workspace, patterns: { app: ["link"] }, optional: ["app"] };
      await expect(store.save(request)).rejects.toMatchObject({ code: "ARTIFACT_UNSAFE" });
    });

    test("says how far it has got, up to all of it, there and back", async () => {
      await put("large", "x".repeat(5_000_000));
      await put("small", "12345");
      const told: TransferProgress[] = [];
      const onProgress = (progress: TransferProgress): void => void told.push(progress);
      const request = { runId: "run-1", jobName: "build", workspace, patterns: { app: ["."] }, onProgress };
      const saved = await store.save(request);
      const total = { artifact: "app", totalBytes: 5_000_005 };
      expect(told.at(-1)).toEqual({ ...total, doneBytes: 5_000_005 });
      const there = told.splice(0);
      await store.restore(saved, target, onProgress);
      expect(told.at(-1)).toEqual({ ...total, doneBytes: 5_000_005 });
      for (const way of [there, told]) {
        const done = way.map(({ doneBytes }) => doneBytes);
        expect(done).toEqual(done.toSorted((a, b) => a - b));
        expect(way.every(({ totalBytes }) => totalBytes === 5_000_005)).toBe(true);
      }
    });

    test("a save that is repeated replaces the first", async () => {
      await put("dist/old");
      await save("dist");
      await rm(join(workspace, "dist/old"));
      await put("dist/new");
      expect(await roundTrip("dist")).toEqual(["dist/", "dist/new"]);
    });

    test("an artifact is found again after a restart by what was stored of it", async () => {
      await put("a");
      const stored = JSON.parse(JSON.stringify(await save("a"))) as SavedArtifact[];
      await harness.open().restore(stored, target);
      expect(await listTree(target)).toEqual(["a"]);
    });

    test("what was kept does not change with the workspace, nor with where it was restored", async () => {
      await put("a", "kept");
      const saved = await save("a");
      await writeFile(join(workspace, "a"), "changed");
      await store.restore(saved, target);
      await writeFile(join(target, "a"), "changed");
      const another = join(root, "another");
      await mkdir(another);
      await store.restore(saved, another);
      expect(await readFile(join(another, "a"), "utf8")).toBe("kept");
    });

    test("later artifacts replace what is in the way: files, directories and links", async () => {
      await put("file", "new");
      await put("directory/inner", "new");
      await put("link", "new");
      const saved = await save(".");
      const victim = join(root, "victim");
      await writeFile(victim, "precious");
      await mkdir(join(target, "file/deep"), { recursive: true });
      await writeFile(join(target, "directory"), "a file where a directory goes");
      await symlink(victim, join(target, "link"));
      await store.restore(saved, target);
      expect(await listTree(target)).toEqual(["directory/", "directory/inner", "file", "link"]);
      expect(await readFile(join(target, "link"), "utf8")).toBe("new");
      expect(await readFile(victim, "utf8")).toBe("precious");
    });

    test("restoring never goes through a link of the workspace", async () => {
      await put("dist/app.js");
      const saved = await save("dist");
      await mkdir(join(root, "outside"));
      await symlink("../outside", join(target, "dist"));
      await store.restore(saved, target);
      expect(await listTree(join(root, "outside"))).toEqual([]);
      expect(await listTree(target)).toEqual(["dist/", "dist/app.js"]);
    });

    test.each(["../../etc", "run-1/build/0/../..", "run-1/..//0", "", "run-2/build/0"])(
      "the reference %j leads to no artifact",
      async (ref) => {
        await put("a");
        const [saved] = await save("a");
        if (saved === undefined) throw new Error("nothing saved");
        await expect(store.restore([{ ...saved, ref }], target)).rejects.toMatchObject({ code: "ARTIFACT_LOST" });
      },
    );

    test.each(["../run", "", ".hidden", "a/b"])("%j is refused as the name of a run or job", async (unsafe) => {
      await put("a");
      const request = { runId: "run-1", jobName: "build", workspace, patterns: { app: ["a"] } };
      await expect(store.save({ ...request, runId: unsafe })).rejects.toMatchObject({ code: "STORE_UNSAFE_NAME" });
      await expect(store.save({ ...request, jobName: unsafe })).rejects.toMatchObject({ code: "STORE_UNSAFE_NAME" });
    });

    test("hundreds of directories and files come back complete", async () => {
      const expected: string[] = [];
      for (let directory = 100; directory < 130; directory += 1) {
        expected.push(`tree/${directory}/`);
        for (let file = 10; file < 30; file += 1) {
          await put(`tree/${directory}/${file}`);
          expected.push(`tree/${directory}/${file}`);
        }
      }
      expect(await roundTrip("tree")).toEqual(["tree/", ...expected]);
    });
  });
}
