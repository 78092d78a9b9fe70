// The search page switches the key "/" off and on: speech input or a slip of the hand might press it unawares.
"use strict";

const slash = document.querySelector("[data-slash-switch]");
const sayWhatItDoes = () => {
  slash.textContent = localStorage.getItem("slash") === "off" ? slash.dataset.on : slash.dataset.off;
};
slash.addEventListener("click", () => {
  localStorage.setItem("slash", localStorage.getItem("slash") === "off" ? "on" : "off");
  sayWhatItDoes();
});
sayWhatItDoes();
slash.parentElement.hidden = false;
