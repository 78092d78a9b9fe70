/* What the admin's own scripts leave out for those who don't see or don't point: names for every choice of a
   record, the keyboard in the search of a choice, and citations that open when a link leads to them. */
"use strict";

function nameOf(select) {
  const label = select?.labels?.[0]?.textContent ?? select?.getAttribute("aria-label") ?? "";
  return label.trim().replace(/:$/, "");
}

function nameChoice(container) {
  const name = nameOf(container.previousElementSibling);
  const box = container.querySelector(".select2-selection");
  const shown = container.querySelector(".select2-selection--single .select2-selection__rendered");
  if (!name || !box) {
    return;
  }
  box.setAttribute("aria-label", name);
  if (shown) {
    // What is chosen is told with the name, not as a second field beside it.
    box.removeAttribute("aria-labelledby");
    box.setAttribute("aria-describedby", shown.id);
    shown.removeAttribute("role");
    shown.removeAttribute("aria-readonly");
  }
  container.querySelector(".select2-search__field")?.setAttribute("aria-label", name);
}

function nameSearch(field) {
  const open = document.querySelector("select + .select2-container--open");
  field.setAttribute("aria-label", nameOf(open?.previousElementSibling));
}

function nameAdded(root) {
  root.querySelectorAll("select.admin-autocomplete + .select2-container").forEach(nameChoice);
  root.querySelectorAll(".select2-dropdown .select2-search__field").forEach(nameSearch);
}

function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const group = target && target.closest("details");
  if (group) {
    group.open = true;
    target.scrollIntoView();
  }
}

// Django's tables of rows begin with an empty heading, which is none.
document.querySelectorAll("thead th.original").forEach((heading) => {
  const cell = document.createElement("td");
  cell.className = heading.className;
  heading.replaceWith(cell);
});

new MutationObserver((changes) => {
  if (changes.some((change) => change.addedNodes.length)) {
    nameAdded(document);
  }
}).observe(document.body, { childList: true, subtree: true });

window.addEventListener("load", () => {
  nameAdded(document);
  openTarget();
  // A page that grew while a long import went on is whole now: go on to what came of it.
  document.querySelector("a[data-follow]")?.click();
  window.django?.jQuery?.(document).on("select2:open", () => {
    document.querySelector(".select2-dropdown .select2-search__field")?.focus();
  });
});
window.addEventListener("hashchange", openTarget);

// What was typed into the form of a record is not lost by a click beside it.
const form = document.querySelector(".change-form #content-main > form[method=post]");

function typedIn(form) {
  const data = new FormData(form);
  data.delete("csrfmiddlewaretoken");
  return new URLSearchParams(data).toString();
}

if (form) {
  let opened = null;
  let isSent = false;
  const wasRefused = document.querySelector(".errorlist") !== null;
  window.addEventListener("load", () => {
    opened = typedIn(form);
  });
  form.addEventListener("submit", (event) => {
    isSent = event.submitter?.formTarget !== "_blank";
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isSent && opened !== null && (wasRefused || typedIn(form) !== opened)) {
      event.preventDefault();
    }
  });
  window.addEventListener("pageshow", () => {
    isSent = false;
  });
}
