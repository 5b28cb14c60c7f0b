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

// <div data-strength="input-id" data-url="..." hidden><meter></meter><span></span></div>: told while somebody types.
for (const shown of document.querySelectorAll("[data-strength]")) {
  const input = document.getElementById(shown.dataset.strength);
  let pause;
  input.addEventListener("input", () => {
    clearTimeout(pause);
    shown.hidden = shown.hidden || !input.value;
    if (input.value) pause = setTimeout(() => judge(input, shown), 400);
  });
}

async function judge(input, shown) {
  const field = (name) => input.form.elements.namedItem(name)?.value ?? "";
  const password = input.value;
  const body = new URLSearchParams({ csrf: field("csrf"), password, email: field("email"), name: field("name") });
  const answer = await fetch(shown.dataset.url, { method: "POST", body }).catch(() => undefined);
  if (!answer?.ok || input.value !== password) return;
  const { level, text } = await answer.json();
  shown.querySelector("meter").value = level;
  shown.querySelector("span").textContent = text;
  shown.hidden = false;
}
