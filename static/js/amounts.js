// <form class="top-up">: an amount that is typed takes the place of the ticked one, and the other way round.
for (const form of document.querySelectorAll("form.top-up")) {
  const other = form.elements.namedItem("other");
  const choices = [...form.querySelectorAll("[name=choice]")];
  const usual = choices.find((choice) => choice.defaultChecked) ?? choices[0];
  const follow = () => {
    const typed = other.value.trim() !== "";
    if (typed) for (const choice of choices) choice.checked = false;
    else if (usual && !choices.some((choice) => choice.checked)) usual.checked = true;
  };
  other.addEventListener("input", follow);
  for (const choice of choices) choice.addEventListener("change", () => { other.value = ""; });
  follow();
}
