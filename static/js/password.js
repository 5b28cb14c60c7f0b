// <button type="button" data-shows="input-id" data-show="Show" data-hide="Hide">
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-shows]");
  if (!button) return;
  const input = document.getElementById(button.dataset.shows);
  const hidden = input.type === "password";
  input.type = hidden ? "text" : "password";
  button.setAttribute("aria-pressed", String(hidden));
  button.textContent = hidden ? button.dataset.hide : button.dataset.show;
});

// What is sent is a password again, so that the browser offers to keep it.
document.addEventListener("submit", () => {
  for (const button of document.querySelectorAll("[data-shows]")) {
    document.getElementById(button.dataset.shows).type = "password";
  }
});
