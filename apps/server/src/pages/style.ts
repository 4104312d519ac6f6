import { createHash } from "node:crypto";

export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d4d7dc, #3a3f47); --quiet: light-dark(#59606b, #a2a9b4);
  --good: light-dark(#14702f, #63d488); --bad: light-dark(#b3261e, #ff8a80); --busy: light-dark(#0b5cad, #7cb7ff);
  --still: light-dark(#7a4f00, #f0bb5c); }
body { margin: 0 auto; padding: 1.5rem; max-width: 60rem; background: light-dark(#fff, #16181c);
  color: light-dark(#16181c, #e8eaed); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
p { margin: 0.25rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th, .quiet { color: var(--quiet); font-weight: normal; }
ul { margin: 0; padding: 0; list-style: none; }
pre { margin: 0; padding: 0.75rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 0.4rem;
  font: 0.85rem/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
a { color: var(--busy); }
.success { color: var(--good); } .failed { color: var(--bad); } .running { color: var(--busy); }
.cancelled, .retry { color: var(--still); } .pending { color: var(--quiet); }
`;

/** Nothing is loaded, nothing runs, nothing is sent: a page and its one style sheet. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
