// What any page does beyond its HTML. Nothing here is needed to use the site: without it every link and form works.
"use strict";

// "/" puts the cursor into the search box, as long as nobody is typing. The search page can switch it off (WCAG 2.1.4).
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = document.querySelector("[data-slash]");
  if (box && localStorage.getItem("slash") !== "off") {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

// On a narrow screen the navigation opens with a button.
document.addEventListener("click", (event) => {
  const button = event.target.closest(".menu-button");
  if (!button) return;
  const isOpen = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!isOpen));
  document.getElementById(button.getAttribute("aria-controls")).classList.toggle("is-open", !isOpen);
});

// “Copy”: data-copy-from names the element that holds the text; without it the address of the page is meant.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button || button.dataset.before) return;
  const from = button.dataset.copyFrom;
  const text = from ? document.getElementById(from).textContent.trim().replace(/\s+/g, " ") : location.href;
  try {
    await navigator.clipboard.writeText(text);
    button.dataset.before = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = button.dataset.before; delete button.dataset.before; }, 2500);
  } catch {
    window.prompt(button.textContent.trim(), text);
  }
});

// A page that was refused opens at what is wrong with it.
document.addEventListener("DOMContentLoaded", () => document.getElementById("problems")?.focus());
