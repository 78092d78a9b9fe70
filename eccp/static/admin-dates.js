/* Says at once what was understood of a date. The server is asked, since it alone reads dates; without this script
   the same is said once the form is saved. */
"use strict";

const understoodAt = document.currentScript.dataset.understood;
const DELAY = 250;
const waiting = new WeakMap();

// The place where it is said must be on the page before anything is said there, or nobody hears it.
function placeFor(input) {
  const id = `${input.id}_understood`;
  let place = document.getElementById(id);
  if (!place) {
    place = document.createElement("span");
    place.id = id;
    place.className = "understood";
    place.setAttribute("role", "status");
    input.after(place);
  }
  return place;
}

async function ask(input) {
  const place = placeFor(input);
  const text = input.value;
  try {
    const response = await fetch(`${understoodAt}?${new URLSearchParams({ text })}`);
    const answer = response.ok ? await response.json() : null;
    if (answer && input.value === text) {
      place.textContent = answer.said;
      place.classList.toggle("is-not", !answer.is_understood);
    }
  } catch {
    place.textContent = "";
  }
}

document.addEventListener("focusin", (event) => {
  if (event.target.matches("input[data-partial-date]")) {
    placeFor(event.target);
  }
});
document.addEventListener("input", (event) => {
  const input = event.target;
  if (input.matches("input[data-partial-date]")) {
    clearTimeout(waiting.get(input));
    waiting.set(input, setTimeout(ask, DELAY, input));
  }
});
