// What a list does in place: it asks again whenever a filter changes, says the new count, and keeps one's place.
// Without this file the same form works with its button.
"use strict";

(() => {
  const form = document.getElementById("question");
  const results = document.getElementById("results");
  if (!form || !results || !window.htmx) return;

  const open = new Map();   // which boxes the reader opened or closed, by id
  const typed = new Map();  // what was typed into the filters of long facets, by facet
  const LONG = 12;

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  // ── Asking: a change and the Enter that caused it are one question; fields left empty do not stand in the address ──

  let waiting = 0;
  const ask = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => htmx.trigger(form, "ask"), 30);
  };
  form.addEventListener("change", ask);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  form.addEventListener("htmx:configRequest", (event) => {
    const asked = event.detail.parameters;
    for (const name of Object.keys(asked)) if (asked[name] === "") delete asked[name];
  });

  // A refused question, or a server out of reach, gets a page of its own with all that is to be said.
  const goThere = (event) => location.assign(event.detail.pathInfo.finalRequestPath || event.detail.pathInfo.requestPath);
  form.addEventListener("htmx:responseError", goThere);
  form.addEventListener("htmx:sendError", goThere);

  // ── Answering: the new count is said, boxes stay as they were, the focus stays or goes to the results ──

  form.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 400) {
      event.detail.shouldSwap = false;
      goThere(event);
      return;
    }
    for (const box of results.querySelectorAll("details[id]")) open.set(box.id, box.open);
  });

  form.addEventListener("htmx:afterSwap", () => {
    const answer = results.querySelector(".answer");
    if (!answer) return;
    document.getElementById("sentence").textContent = answer.dataset.sentence;
    document.title = `${answer.dataset.sentence} – ${form.dataset.title}`;
    for (const box of results.querySelectorAll("details[id]")) if (open.has(box.id)) box.open = open.get(box.id);
    followAddress();
    enhance();
  });

  form.addEventListener("htmx:afterSettle", () => {
    if (document.activeElement === document.body) document.getElementById("found-title")?.focus();
  });

  // Chips and ways out change words that were typed: the fields follow the address.
  const followAddress = () => {
    const asked = new URLSearchParams(location.search);
    for (const input of form.querySelectorAll(".typed input[name]")) {
      if (input !== document.activeElement) input.value = asked.get(input.name) ?? "";
    }
  };

  // ── Narrow screens: the facets open with a button ──

  const showFacets = (isOpen) => {
    form.classList.toggle("shows-facets", isOpen);
    results.querySelector(".filters-button")?.setAttribute("aria-expanded", String(isOpen));
  };
  results.addEventListener("click", (event) => {
    if (event.target.closest(".filters-button")) showFacets(!form.classList.contains("shows-facets"));
  });

  // ── Long facets get a filter of their own ──

  const applyFilter = (facet, text) => {
    const wanted = fold(text.trim());
    for (const item of facet.querySelectorAll(".facet-value")) {
      const isChosen = item.querySelector("input").checked;
      item.hidden = wanted !== "" && !isChosen && !fold(item.querySelector(".value-label").textContent).includes(wanted);
    }
    const more = facet.querySelector("details.more");
    if (more && wanted) more.open = true;
  };

  const enhance = () => {
    for (const facet of results.querySelectorAll(".facet")) {
      if (facet.querySelectorAll(".facet-value").length <= LONG) continue;
      const field = document.createElement("input");
      field.type = "search";
      field.className = "facet-filter";
      field.id = `${facet.id}-filter`;
      field.value = typed.get(facet.id) ?? "";
      field.autocomplete = "off";
      const name = facet.querySelector("legend").textContent;
      field.placeholder = name;
      field.setAttribute("aria-label", `${results.closest("[data-find]")?.dataset.find ?? "Find"}: ${name}`);
      field.addEventListener("input", () => { typed.set(facet.id, field.value); applyFilter(facet, field.value); });
      field.addEventListener("change", (event) => event.stopPropagation());
      field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
      facet.querySelector("fieldset ul").before(field);
      if (field.value) applyFilter(facet, field.value);
    }
    showFacets(form.classList.contains("shows-facets"));
  };

  // ── Choosing columns: their names stand in one word of the address ──

  results.addEventListener("change", (event) => {
    if (event.target.closest("[data-columns]")) event.stopPropagation();
  });
  results.addEventListener("click", (event) => {
    if (!event.target.closest("[data-apply]")) return;
    const chosen = [...results.querySelectorAll("[data-columns] input:checked")].map((box) => box.value);
    form.elements.columns.value = chosen.join(",");
    form.requestSubmit();
  });

  enhance();
})();
