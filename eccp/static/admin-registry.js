/* What the admin's own scripts leave out: the citations of a field open when it leads to them, and every
   choice of a record has the name of its field. */
"use strict";

function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const group = target && target.closest("details");
  if (group) {
    group.open = true;
    target.scrollIntoView();
  }
}

window.addEventListener("hashchange", openTarget);
window.addEventListener("load", openTarget);

function nameChoices(root) {
  for (const select of root.querySelectorAll("select.admin-autocomplete")) {
    const box = select.nextElementSibling?.querySelector(".select2-selection");
    const label = select.labels?.[0]?.textContent.trim().replace(/:$/, "") || select.getAttribute("aria-label");
    if (box && label) {
      box.setAttribute("aria-label", label);
      box.removeAttribute("aria-labelledby");
    }
  }
}

window.addEventListener("load", () => nameChoices(document));
document.addEventListener("formset:added", (event) => nameChoices(event.target));
