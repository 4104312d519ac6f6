import type { FailureCategory } from "@waybill/pipeline";
import type { FailureCause } from "./failure.ts";

export interface OutputRule {
  readonly cause: FailureCause;
  readonly category: FailureCategory;
  /**
   * Tried on one line of bounded length. No repetition stands inside another and none without a limit next to one that
   * takes the same characters: time stays linear whatever a job prints. A group `host` names the service.
   */
  readonly pattern: RegExp;
  /** Only on a line that has an address: the words alone may mean anything. */
  readonly needsAddress?: true;
}

const DEPENDENCY = "transient_dependencies";
const INFRASTRUCTURE = "transient_infrastructure";
const RESOURCE = "resource_exhaustion";
const CONFIGURATION = "configuration_errors";

/** What compilers and test runners say of the code: it stands before what the code itself complained of. */
const CODE: readonly OutputRule[] = [
  /\b[1-9]\d{0,6} (?:tests? |examples?, [1-9]\d{0,6} )?(?:failed|failing|failures?)\b/i,
  /^\s{0,20}(?:--- )?FAIL\b|\btest result: FAILED\b|\bBUILD FAILURE\b|\bThere (?:are|were) (?:test failures|failing tests)\b/,
  /^[^:\s]{1,200}:\d{1,7}(?::\d{1,7})?: (?:fatal )?error\b|\berror TS\d{1,5}\b|\berror\[E\d{1,5}\]|\bcould not compile\b/,
  /\b(?:Syntax|Assertion|Reference|Name|Import|ModuleNotFound)Error\b|\bTypeError(?!: fetch failed)\b|\bsyntax error\b/i,
].map((pattern) => ({ cause: "code_issue", category: "permanent_code_issues", pattern }));

/** In the order in which they are tried on a line. */
export const OUTPUT_RULES: readonly OutputRule[] = [
  ...CODE,
  {
    cause: "disk_full",
    category: RESOURCE,
    pattern: /\bno space left on device\b|\bENOSPC\b|\bdisk quota exceeded\b|\bEDQUOT\b|\bdisk is full\b/i,
  },
  {
    cause: "memory_exhausted",
    category: RESOURCE,
    pattern:
      /\bout of memory\b|\bOutOfMemoryError\b|\bcannot allocate memory\b|\bENOMEM\b|\bMemoryError\b|\boom-kill|\bstd::bad_alloc\b/i,
  },
  {
    cause: "limit_reached",
    category: RESOURCE,
    pattern:
      /\btoo many open files\b|\bE[MN]FILE\b|\bcannot fork\b|\bfork: (?:retry: )?Resource temporarily unavailable/i,
  },
  ...[
    /\bcould not resolve (?:host(?:name)?|proxy)?:? ?['"‘]?(?<host>[a-z0-9][a-z0-9._-]{0,252})/i,
    /\b(?:ENOTFOUND|EAI_AGAIN) (?<host>[a-z0-9][a-z0-9._-]{0,252})/i,
    /\blookup (?<host>[a-z0-9][a-z0-9._-]{0,252})(?: on [^\s]{1,60})?: (?:no such host|temporary failure|server misbehaving|i\/o timeout)/i,
    /\b(?:temporary failure resolving|unable to resolve host address|failed to resolve) ['"‘]?(?<host>[a-z0-9][a-z0-9._-]{0,252})/i,
    /\bhost='(?<host>[a-z0-9][a-z0-9._-]{0,252})'.{0,200}\b(?:name resolution|name or service not known)\b/i,
    /\btemporary failure in name resolution\b|\bname or service not known\b|\bnodename nor servname\b|\b(?:ENOTFOUND|EAI_AGAIN)\b/i,
  ].map((pattern): OutputRule => ({ cause: "unresolved_host", category: DEPENDENCY, pattern })),
  {
    cause: "rate_limited",
    category: DEPENDENCY,
    pattern:
      /\btoo many requests\b|\btoomanyrequests\b|\brate limit(?:ed| exceeded)\b|\b(?:error|status(?: code)?|HTTP\/[\d.]{1,3}):? 429\b/i,
  },
  { cause: "rate_limited", category: DEPENDENCY, pattern: /\b429\b/, needsAddress: true },
  {
    cause: "service_unavailable",
    category: DEPENDENCY,
    pattern:
      /\b(?:502 )?bad gateway\b|\bservice (?:is )?(?:temporarily )?unavailable\b|\bgateway time-?out\b|\b(?:error|status(?: code)?|HTTP\/[\d.]{1,3}):? 50[234]\b/i,
  },
  { cause: "service_unavailable", category: DEPENDENCY, pattern: /\b50[234]\b/, needsAddress: true },
  {
    cause: "image_missing",
    category: CONFIGURATION,
    pattern:
      /\bmanifest unknown\b|\bmanifest for [^\s]{1,200} not found\b|\bpull access denied\b|\binvalid reference format\b/i,
  },
  {
    cause: "credentials_refused",
    category: CONFIGURATION,
    pattern:
      /\bunauthorized\b|\bauthentication (?:required|failed)\b|\bpermission denied \((?:publickey|password)|\bcould not read (?:username|password)\b|\binvalid username or password\b/i,
  },
  { cause: "credentials_refused", category: CONFIGURATION, pattern: /\b40[13]\b/, needsAddress: true },
  ...[
    /\bfailed to connect to (?<host>[a-z0-9][a-z0-9._-]{0,252}) port \d/i,
    /\bconnect to host (?<host>[a-z0-9][a-z0-9._-]{0,252}) port \d/i,
    /\bconnect to (?<host>[a-z0-9][a-z0-9._-]{0,252}):\d{1,5}\b.{0,200}\b(?:failed|refused|timed out)/i,
    /\b(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|EHOSTUNREACH|ENETUNREACH) (?<host>[a-z0-9][a-z0-9._-]{0,252}):\d/i,
    /\bhost='(?<host>[a-z0-9][a-z0-9._-]{0,252})', port=\d/i,
    /\bdial tcp (?<host>[a-z0-9][a-z0-9._-]{0,252}):\d{1,5}: /i,
    /\bconnection refused(?: \(?(?<host>[a-z0-9][a-z0-9._-]{0,252}):\d)?/i,
    /\bECONNREFUSED\b|\bECONNRESET\b|\bconnection reset\b|\bsocket hang up\b|\bTypeError: fetch failed\b/i,
    /\bunexpected disconnect while reading\b|\bthe remote end hung up unexpectedly\b|\bTLS handshake timeout\b|\bERR_SOCKET_TIMEOUT\b/i,
  ].map((pattern): OutputRule => ({ cause: "connection_failed", category: DEPENDENCY, pattern })),
  {
    cause: "download_failed",
    category: DEPENDENCY,
    pattern:
      /\bfailed to (?:fetch|download)\b|\bfailed, reason: |\b(?:connection|request|read) timed out\b|\bETIMEDOUT\b|\bi\/o timeout\b|\brequest canceled\b/i,
    needsAddress: true,
  },
  {
    cause: "daemon_unavailable",
    category: INFRASTRUCTURE,
    pattern: /\bcannot connect to the docker daemon\b|\bis the docker daemon running\b/i,
  },
  {
    cause: "network_unreachable",
    category: INFRASTRUCTURE,
    pattern: /\bnetwork is (?:unreachable|down)\b|\bno route to host\b|\bE(?:NET|HOST)UNREACH\b/i,
  },
  {
    cause: "network_timeout",
    category: INFRASTRUCTURE,
    pattern:
      /\b(?:connection|operation|request|read) timed out\b|\bETIMEDOUT\b|\bi\/o timeout\b|\btimeout was reached\b/i,
  },
  {
    cause: "io_error",
    category: INFRASTRUCTURE,
    pattern: /\binput\/output error\b|\bEIO\b|\bstale (?:NFS )?file handle\b|\bESTALE\b/i,
  },
  {
    cause: "permission_denied",
    category: CONFIGURATION,
    pattern: /\bpermission denied\b|\bEACCES\b|\boperation not permitted\b|\bEPERM\b/i,
  },
  {
    cause: "setting_missing",
    category: CONFIGURATION,
    pattern:
      /\bunbound variable\b|: parameter (?:null or )?not set\b|\bmissing (?:required )?environment variable|\benvironment variable\b.{0,80}\b(?:not (?:set|defined|found)|missing|required|unset)\b/i,
  },
  {
    cause: "wrong_usage",
    category: CONFIGURATION,
    pattern:
      /\b(?:unrecognized|unknown|invalid|illegal) (?:option|flag|command-line argument|subcommand)\b|\bunrecognized arguments\b/i,
  },
];
