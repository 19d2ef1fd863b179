"use strict";
(() => {
  const form = document.querySelector(".filter");
  const field = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const cards = Array.from(document.querySelectorAll("article"), (card) => [card, card.textContent.toLowerCase()]);
  form.hidden = cards.length === 0;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [card, text] of cards) {
      card.hidden = !words.every((word) => text.includes(word));
      count += card.hidden ? 0 : 1;
    }
    shown.textContent = words.length ? count + " of " + cards.length + " shown" : "";
  });
  for (const button of document.querySelectorAll("button[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    const label = Array.from(button.childNodes);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Select it by hand";
      }
      setTimeout(() => { button.replaceChildren(...label); }, 2000);
    });
  }
})();
