// <form data-finds="found">: while somebody writes, the page with the answer is fetched and the part with that id replaced.
const PAUSE_MS = 150;
let timer;
let asking;

async function find(form) {
  asking?.abort();
  asking = new AbortController();
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: asking.signal });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(form.dataset.finds);
  const old = document.getElementById(form.dataset.finds);
  if (!fresh || !old) return;
  old.replaceWith(document.adoptNode(fresh));
  history.replaceState(null, "", address);
  const said = document.getElementById("said");
  const heading = fresh.querySelector("h2");
  if (said && heading) said.textContent = heading.textContent;
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-finds]");
  if (!form) return;
  clearTimeout(timer);
  timer = setTimeout(() => find(form).catch(() => {}), PAUSE_MS);
});
