import { describe, expect, test } from "vitest";
import type { TriggerEvent } from "../triggers/trigger-event.ts";
import { webhookSource } from "./registry.ts";
import type { ParsedWebhook, WebhookRequest } from "./source.ts";
import {
  generic,
  gitea,
  giteaRequest,
  github,
  githubRequest,
  gitlab,
  gitlabRequest,
  NEW,
  NONE,
  OLD,
  requestOf,
  signedRequest,
  TIP,
} from "./testing/payloads.ts";

function parsed(source: string, request: WebhookRequest): ParsedWebhook {
  return webhookSource(source).parse(request);
}

/** The fields in which an event differs from a push to main. */
function eventOf({ events, ignored }: ParsedWebhook): Partial<TriggerEvent> {
  expect(ignored).toBeNull();
  expect(events).toHaveLength(1);
  const { source: _, repository: _repository, actor: _actor, ...rest } = events[0] as TriggerEvent;
  return rest;
}

const pushes: readonly [string, (fields: object) => ParsedWebhook][] = [
  ["GitHub", (fields) => parsed("github", githubRequest(github.push(fields), "push"))],
  ["GitLab", (fields) => parsed("gitlab", gitlabRequest(gitlab.push(fields)))],
  ["Gitea", (fields) => parsed("gitea", giteaRequest(gitea.push(fields), "push"))],
  ["a generic webhook", (fields) => parsed("generic", signedRequest(generic.push(fields)))],
];

describe.each(pushes)("a push of %s", (name, push) => {
  test("to a branch has both of its ends", () => {
    expect(eventOf(push({}))).toEqual({ kind: "push", branch: "main", before: OLD, sha: NEW });
  });

  test("to a new branch has nothing before it", () => {
    const fields = { ref: "refs/heads/feature/one", before: NONE };
    expect(eventOf(push(fields))).toEqual({ kind: "push", branch: "feature/one", before: null, sha: NEW });
  });

  test("of a repository with long ids is the same", () => {
    const [before, after] = ["a".repeat(64), "b".repeat(64)];
    const fields = { before, after, head_commit: { id: after }, checkout_sha: after };
    expect(eventOf(push(fields))).toMatchObject({ before, sha: after });
  });

  test("of a tag is of the commit where that is told, not of the tag's own object", () => {
    const fields = { ref: "refs/tags/v1.0", before: NONE, after: TIP };
    const told = { ...fields, object_kind: "tag_push", head_commit: { id: NEW }, checkout_sha: NEW };
    const sha = name === "a generic webhook" ? TIP : NEW;
    expect(eventOf(push(told))).toEqual({ kind: "tag", tag: "v1.0", sha });
    const untold = { ...fields, head_commit: null, checkout_sha: null };
    expect(eventOf(push(untold))).toEqual({ kind: "tag", tag: "v1.0", sha: TIP });
  });

  test("that ends a branch is a deletion", () => {
    const fields = { after: NONE, head_commit: null, checkout_sha: null };
    expect(eventOf(push(fields))).toEqual({ kind: "deletion", of: "branch", name: "main" });
  });

  test("of something else starts nothing", () => {
    expect(push({ ref: "refs/notes/commits" })).toMatchObject({ events: [] });
  });

  test.each([
    ["refs/heads/../../etc/passwd"],
    ["refs/heads/-oProxyCommand=id"],
    ["refs/heads/a b"],
    ["refs/heads/a..b"],
    ["refs/heads/a.lock"],
    ["refs/heads/@{u}"],
    ["refs/heads/"],
    ["refs/heads/a\u0000b"],
    [`refs/heads/${"a".repeat(300)}`],
    ["main"],
    ["--upload-pack=id"],
    [7],
  ])("to %j is refused", (ref) => {
    expect(() => push({ ref })).toThrow(expect.objectContaining({ code: "WEBHOOK_PAYLOAD_INVALID" }));
  });

  test.each(["HEAD", "main", NEW.slice(1), `${NEW}0`, NEW.replace("2", "A"), "", null, ["x"]])(
    "of %j as a commit is refused",
    (after) => {
      expect(() => push({ after })).toThrow(expect.objectContaining({ code: "WEBHOOK_PAYLOAD_INVALID" }));
    },
  );
});

describe("GitHub", () => {
  function pull(action: string, fields?: object, head?: object): ParsedWebhook {
    return parsed("github", githubRequest(github.pullRequest(action, fields, head), "pull_request"));
  }

  test("names the repository, its addresses and who did it", () => {
    expect(parsed("github", githubRequest(github.push(), "push")).events[0]).toMatchObject({
      source: "github",
      actor: "mona",
      repository: {
        name: "acme/shop",
        urls: ["https://github.test/acme/shop.git", "git@github.test:acme/shop.git", "https://github.test/acme/shop"],
      },
    });
  });

  test.each([
    ["opened", "opened"],
    ["synchronize", "updated"],
    ["reopened", "reopened"],
    ["closed", "closed"],
  ])("a pull request that is %s is %s", (action, ours) => {
    expect(eventOf(pull(action))).toEqual({
      kind: "pull_request",
      action: ours,
      number: 12,
      sha: NEW,
      sourceBranch: "feature/one",
      targetBranch: "main",
      baseSha: OLD,
      isFork: false,
      isFromMember: false,
      fetchRef: "refs/pull/12/head",
      isMerged: false,
    });
  });

  test("a fork is another repository, also where it is gone", () => {
    expect(eventOf(pull("opened", {}, { repo: { full_name: "eve/shop" } }))).toMatchObject({ isFork: true });
    expect(eventOf(pull("opened", {}, { repo: null }))).toMatchObject({ isFork: true });
    expect(eventOf(pull("opened", {}, { repo: { full_name: "Acme/Shop" } }))).toMatchObject({ isFork: false });
  });

  test("says whether the author is one of the repository's own, and whether it got in", () => {
    expect(eventOf(pull("closed", { merged: true, author_association: "MEMBER" }))).toMatchObject({
      isFromMember: true,
      isMerged: true,
    });
    expect(eventOf(pull("opened", { author_association: undefined }))).toMatchObject({ isFromMember: null });
  });

  test.each(["labeled", "edited", "assigned", "constructor"])("a pull request that is %s starts nothing", (action) => {
    expect(pull(action)).toMatchObject({ events: [] });
  });

  test("a ping and other events start nothing, whatever is in them", () => {
    expect(parsed("github", githubRequest({ zen: "x" }, "ping"))).toMatchObject({ events: [] });
    expect(parsed("github", githubRequest({}, "issues"))).toMatchObject({ events: [] });
    expect(() => parsed("github", requestOf(github.push(), {}))).toThrow(
      expect.objectContaining({ code: "WEBHOOK_HEADER_MISSING" }),
    );
  });

  test("names with control characters are refused", () => {
    const body = github.push({ sender: { login: "mona\u001b[2J" } });
    expect(() => parsed("github", githubRequest(body, "push"))).toThrow(
      expect.objectContaining({ code: "WEBHOOK_PAYLOAD_INVALID" }),
    );
  });
});

describe("GitLab", () => {
  function merge(action: string, fields?: object): ParsedWebhook {
    return parsed("gitlab", gitlabRequest(gitlab.mergeRequest(action, fields)));
  }

  test.each([
    ["open", {}, "opened"],
    ["update", { oldrev: OLD }, "updated"],
    ["reopen", {}, "reopened"],
    ["close", {}, "closed"],
    ["merge", {}, "closed"],
  ])("a merge request after %s %j is %s", (action, fields, ours) => {
    expect(eventOf(merge(action, fields))).toEqual({
      kind: "pull_request",
      action: ours,
      number: 12,
      sha: NEW,
      sourceBranch: "feature/one",
      targetBranch: "main",
      baseSha: null,
      isFork: false,
      isFromMember: null,
      fetchRef: "refs/merge-requests/12/head",
      isMerged: action === "merge",
    });
  });

  test("an update without commits, an approval and the like start nothing", () => {
    for (const action of ["update", "approved", "", "toString"]) expect(merge(action)).toMatchObject({ events: [] });
  });

  test("a fork is another project, also where it is gone", () => {
    expect(eventOf(merge("open", { source_project_id: 6 }))).toMatchObject({ isFork: true });
    expect(eventOf(merge("open", { source_project_id: null }))).toMatchObject({ isFork: true });
  });

  test("other kinds of events start nothing", () => {
    expect(parsed("gitlab", gitlabRequest({ object_kind: "pipeline" }))).toMatchObject({ events: [] });
  });

  test("groups may stand in groups", () => {
    expect(parsed("gitlab", gitlabRequest(gitlab.push())).events[0]?.repository.name).toBe("acme/web/shop");
  });
});

describe("Gitea", () => {
  function pull(action: string, head?: object, event = "pull_request"): ParsedWebhook {
    return parsed("gitea", giteaRequest(gitea.pullRequest(action, head), event));
  }

  test.each([
    ["opened", "opened"],
    ["synchronized", "updated"],
    ["reopened", "reopened"],
    ["closed", "closed"],
  ])("a pull request that is %s is %s", (action, ours) => {
    expect(eventOf(pull(action))).toMatchObject({ action: ours, isFork: false, fetchRef: "refs/pull/12/head" });
  });

  test("new commits may have an event of their own", () => {
    expect(eventOf(pull("synchronized", {}, "pull_request_sync"))).toMatchObject({ action: "updated" });
  });

  test("a fork is another repository; of one that is gone the branch has no name", () => {
    expect(eventOf(pull("opened", { repo_id: 8 }))).toMatchObject({ isFork: true });
    expect(eventOf(pull("closed", { repo_id: -1, ref: "refs/pull/12/head" }))).toMatchObject({
      isFork: true,
      sourceBranch: "refs/pull/12/head",
    });
    expect(eventOf(pull("closed", { ref: "a b" }))).toMatchObject({ sourceBranch: "pull-12" });
  });

  test("the end of a branch or tag is an event of its own", () => {
    for (const of of ["branch", "tag"]) {
      const event = parsed("gitea", giteaRequest(gitea.deletion(of, "v1"), "delete"));
      expect(eventOf(event)).toEqual({ kind: "deletion", of, name: "v1" });
    }
  });

  test("what a push tells too starts nothing twice", () => {
    expect(parsed("gitea", giteaRequest({}, "create"))).toMatchObject({ events: [] });
  });
});

describe("a generic webhook", () => {
  function trigger(fields: object): ParsedWebhook {
    return parsed("generic", signedRequest(generic.trigger(fields)));
  }

  test("asks for a run of a branch, a tag or a commit, with inputs", () => {
    const nothing = { kind: "webhook", branch: null, tag: null, sha: null, inputs: {} };
    expect(eventOf(trigger({}))).toEqual({ ...nothing, branch: "main" });
    expect(eventOf(trigger({ ref: "refs/tags/v1" }))).toEqual({ ...nothing, tag: "v1" });
    expect(eventOf(trigger({ ref: undefined, sha: NEW }))).toEqual({ ...nothing, sha: NEW });
    expect(eventOf(trigger({ ref: undefined }))).toEqual(nothing);
    expect(eventOf(trigger({ inputs: { version: "1", dry: true } }))).toMatchObject({
      inputs: { version: "1", dry: true },
    });
  });

  test.each([[{ ref: "refs/heads/a..b" }], [{ ref: "refs/pull/1/head" }], [{ sha: "HEAD" }], [{ inputs: { a: {} } }]])(
    "with %j is refused",
    (fields) => {
      expect(() => trigger(fields)).toThrow(expect.objectContaining({ code: "WEBHOOK_PAYLOAD_INVALID" }));
    },
  );

  test("a ping and unknown types start nothing", () => {
    for (const type of ["ping", "invoice.paid"]) {
      expect(parsed("generic", signedRequest({ type }))).toMatchObject({ events: [] });
    }
  });
});
