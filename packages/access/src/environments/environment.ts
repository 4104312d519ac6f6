import { environmentNameProblem, WaybillError } from "@waybill/core";
import { MAX_REQUIRED } from "../approvals/approval.ts";
import { branchMatches } from "../secrets/scope.ts";

/** What is asked of a job, or later a deployment, before it may work on an environment. */
export interface EnvironmentRules {
  /**
   * Patterns of the branches that may use it, as those of secrets; one that begins with `refs/` is of whole refs, tags
   * among them. Empty: every ref may.
   */
  readonly branches: readonly string[];
  /** How many people have to approve each job; 0: nobody is asked. */
  readonly requiredApprovals: number;
  /** Users who may approve; empty: whoever may approve in the project. Everybody who may approve there may reject. */
  readonly approverIds: readonly string[];
  /** Whether those whose change it is cannot approve it. */
  readonly preventSelfApproval: boolean;
}

/** What a project's jobs work on: `staging`, `production`. Times are milliseconds since the epoch. */
export interface EnvironmentRecord extends EnvironmentRules {
  readonly id: string;
  readonly projectId: string;
  /** Unique in its project; never changes, as secrets and pipeline files name it. */
  readonly name: string;
  readonly description: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** As the audit log names who did. */
  readonly updatedBy: string;
}

export const NO_RULES: EnvironmentRules = {
  branches: [],
  requiredApprovals: 0,
  approverIds: [],
  preventSelfApproval: false,
};

export const MAX_DESCRIPTION = 500;
export const MAX_BRANCH_PATTERNS = 50;
export const MAX_BRANCH_PATTERN = 200;
export const MAX_APPROVERS = 50;

const BRANCH = "refs/heads/";

/**
 * Whether a commit that came by this ref may use the environment.
 *
 * @param isForeign the commit is somebody else's, a fork's say: whatever its branch is called, it is none of ours
 */
export function mayUse({ branches }: Pick<EnvironmentRules, "branches">, gitRef: string, isForeign: boolean): boolean {
  if (branches.length === 0) return true;
  if (isForeign) return false;
  const branch = gitRef.startsWith(BRANCH) ? gitRef.slice(BRANCH.length) : null;
  return branches.some((pattern) =>
    pattern.startsWith("refs/") ? branchMatches(pattern, gitRef) : branch !== null && branchMatches(pattern, branch),
  );
}

/** @throws WaybillError `ENVIRONMENT_INVALID`: rules that cannot be, or that nobody could meet */
export function checkEnvironment(
  environment: EnvironmentRules & Pick<EnvironmentRecord, "name" | "description">,
): void {
  const detail = problemOf(environment);
  if (detail !== null) throw new WaybillError("ENVIRONMENT_INVALID", { environment: environment.name, detail });
}

function problemOf({
  name,
  description,
  branches,
  requiredApprovals,
  approverIds,
}: EnvironmentRules & Pick<EnvironmentRecord, "name" | "description">): string | null {
  const problem = environmentNameProblem(name);
  if (problem !== null) return `its name ${problem}`;
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (/[\u0000-\u001F\u007F]/.test(description) || !description.isWellFormed()) {
    return "its description has characters it cannot have";
  }
  if (description.length > MAX_DESCRIPTION) return `its description has more than ${MAX_DESCRIPTION} characters`;
  if (branches.length > MAX_BRANCH_PATTERNS) return `more than ${MAX_BRANCH_PATTERNS} patterns of branches`;
  for (const pattern of branches) {
    // oxlint-disable-next-line no-control-regex -- they are what is refused
    if (pattern === "" || /[\u0000-\u0020\u007F]/.test(pattern) || !pattern.isWellFormed()) {
      return `"${pattern.slice(0, MAX_BRANCH_PATTERN)}" is no pattern of branches`;
    }
    if (pattern.length > MAX_BRANCH_PATTERN) return `a pattern has more than ${MAX_BRANCH_PATTERN} characters`;
  }
  if (!Number.isInteger(requiredApprovals) || requiredApprovals < 0 || requiredApprovals > MAX_REQUIRED) {
    return `the number of approvals is none from 0 to ${MAX_REQUIRED}`;
  }
  if (approverIds.length > MAX_APPROVERS) return `more than ${MAX_APPROVERS} approvers`;
  // Rules that look as if somebody were asked, and nobody is; or that wait for people there are not.
  if (approverIds.length > 0 && requiredApprovals === 0) return "it has approvers and asks for no approval";
  if (approverIds.length > 0 && new Set(approverIds).size < requiredApprovals) {
    return `it asks for ${requiredApprovals} approvals and has fewer approvers`;
  }
  return null;
}
