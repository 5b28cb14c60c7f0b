// A second click on a button that is already sending does nothing; coming back to the page frees it.
document.documentElement.classList.add("js");

// What just happened is said once: a reload or a bookmark does not say it again.
const here = new URL(location.href);
if (here.searchParams.has("note")) {
  here.searchParams.delete("note");
  history.replaceState(history.state, "", here);
}

// A form that comes back is gone on with where it is wrong.
if (document.activeElement === document.body) {
  document.querySelector("main [aria-invalid=true]")?.focus({ preventScroll: location.hash !== "" });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) {
    delete form.dataset.sending;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});
