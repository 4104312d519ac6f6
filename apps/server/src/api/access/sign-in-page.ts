import { createHash } from "node:crypto";

/** What came behind `#` goes into the form and out of the address, before anybody looks over a shoulder. */
const SCRIPT = `
const token = location.hash.slice(1);
if (token !== "") {
  document.getElementById("token").value = token;
  history.replaceState(null, "", location.pathname);
}
`;

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 24rem; margin: 4rem auto; padding: 0 1rem; }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
input, button { padding: 0.5rem; margin: 0.25rem 0 1rem; }
`;

/** A page that signs in only when a button is pressed: what looks at links in mails and chats uses none up. */
export function signInPage(hasProvider: boolean): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in to Waybill</title>
<style>${STYLE}</style>
<h1>Sign in</h1>
<form method="post" action="/sign-in/link">
<label>One-time link<input id="token" name="token" required autocomplete="off" spellcheck="false"></label>
<button>Sign in with the link</button>
</form>
<form method="post" action="/sign-in/password">
<label>Name<input name="name" required autocomplete="username" autocapitalize="none" spellcheck="false"></label>
<label>Password<input name="password" type="password" required autocomplete="current-password"></label>
<button>Sign in with a password</button>
</form>
${hasProvider ? '<p><a href="/sign-in/oidc">Sign in through your organisation</a></p>\n' : ""}<script>${SCRIPT}</script>
</html>
`;
}

/** Of that page: its own script and style, and forms to this server. */
export const SIGN_IN_PAGE_HEADERS = {
  "content-security-policy":
    `default-src 'none'; script-src ${hashOf(SCRIPT)}; style-src ${hashOf(STYLE)}; ` +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  // Without a referrer browsers do not say either where a form comes from.
  "referrer-policy": "same-origin",
};

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
