// <main data-live="/orders/x/events">: each event means "something changed"; the page is then fetched
// again and its <main> replaced. Without an event stream, or with "poll" in its place, it asks every few seconds.
// data-again="30" has it asked that often besides; data-leads follows where the address has come to lead.
const POLL_MS = 4000;
const SETTLED = "settled";
const POLL = "poll";
let timer;
let again;
let source;
let asking = false;
let wanted = false;

async function refresh() {
  const old = document.querySelector("main[data-live]");
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (answer.redirected && old?.dataset.leads !== undefined) { stop(); location.replace(answer.url); return; }
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("main[data-live]") ?? page.querySelector("main");
  if (!old || !fresh || old.innerHTML === fresh.innerHTML) return;
  const swap = () => { document.title = page.title; old.replaceWith(document.adoptNode(fresh)); };
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (document.startViewTransition && !still) {
    const transition = document.startViewTransition(swap);
    // One that is interrupted has still swapped; that it was cut short is no error.
    transition.ready.catch(() => {});
    await transition.updateCallbackDone;
  } else swap();
  const said = document.getElementById("said");
  const heading = fresh.querySelector("h1");
  if (said && heading) said.textContent = heading.textContent;
  if (fresh.dataset.live === undefined || fresh.dataset.live === SETTLED) stop();
}

// One after the other: of two at once the older answer could come to stand, with nothing left to ask again.
async function ask() {
  wanted = true;
  if (asking) return;
  asking = true;
  while (wanted) {
    wanted = false;
    await refresh().catch(() => {});
  }
  asking = false;
}

function poll() {
  timer ??= setInterval(() => { if (!document.hidden) ask(); }, POLL_MS);
}

function stop() {
  source?.close();
  clearInterval(timer);
  clearInterval(again);
}

function listen(url) {
  source = new EventSource(url);
  source.addEventListener("changed", ask);
  source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) poll(); });
  source.addEventListener("open", ask);
}

const { live: url, again: seconds } = document.querySelector("main[data-live]")?.dataset ?? {};
if (url && url !== SETTLED) {
  if (seconds) again = setInterval(() => { if (!document.hidden) ask(); }, seconds * 1000);
  if ("EventSource" in window && url !== POLL) listen(url); else poll();
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
