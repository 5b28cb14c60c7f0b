// <form data-passkey="where the question comes from" [data-creates] [data-autofill]> with hidden inputs `ceremony` and
// `credential`, a button [data-ask] and a line [data-failed].
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const REFRESH_MS = 4 * 60 * 1000;
let waiting;

async function question(form) {
  const body = new URLSearchParams({ csrf: form.elements.namedItem("csrf").value });
  const answer = await fetch(form.dataset.passkey, { method: "POST", body });
  if (answer.redirected) location.assign(answer.url);
  if (!answer.ok || answer.redirected) throw new Error("no question");
  return answer.json();
}

function created(options) {
  options.challenge = bytes(options.challenge);
  options.user.id = bytes(options.user.id);
  for (const known of options.excludeCredentials ?? []) known.id = bytes(known.id);
  return navigator.credentials.create({ publicKey: options });
}

function given(options, quietly, signal) {
  options.challenge = bytes(options.challenge);
  return navigator.credentials.get({ publicKey: options, mediation: quietly ? "conditional" : "optional", signal });
}

function told(credential) {
  const { id, rawId, type, response } = credential;
  const parts = ["attestationObject", "authenticatorData", "clientDataJSON", "signature", "userHandle"];
  const sent = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(sent), clientExtensionResults: {} });
}

async function ask(form, quietly) {
  waiting?.abort();
  waiting = new AbortController();
  const failed = form.querySelector("[data-failed]");
  failed.hidden = true;
  try {
    const { signal } = waiting;
    const { ceremony, publicKey } = await question(form);
    const credential = await ("creates" in form.dataset ? created(publicKey) : given(publicKey, quietly, signal));
    form.elements.namedItem("ceremony").value = ceremony;
    form.elements.namedItem("credential").value = told(credential);
    form.requestSubmit();
  } catch {
    failed.hidden = quietly;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-passkey] [data-ask]");
  if (button) ask(button.form, false);
});

// The browser offers keys where the address is typed; a question is good for five minutes.
const quiet = document.querySelector("[data-autofill]");
if (quiet && (await globalThis.PublicKeyCredential?.isConditionalMediationAvailable?.())) {
  ask(quiet, true);
  setInterval(() => ask(quiet, true), REFRESH_MS);
}

if (!globalThis.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]:not([data-creates])")) form.remove();
}
