// <p data-until="40">…</p><form hidden>: after so many seconds the form takes the place of the words.
const LONGEST = 24 * 60 * 60;

for (const words of document.querySelectorAll("[data-until]")) {
  const seconds = Number(words.dataset.until);
  if (!(seconds <= LONGEST)) continue;
  setTimeout(() => {
    words.nextElementSibling.hidden = false;
    words.hidden = true;
  }, seconds * 1000);
}
