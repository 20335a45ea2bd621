// Shortens the way on pages that work without it: theme by F9, hits by F1, focus after a swap, typing in capitals.
"use strict";
(() => {
  const themes = ["day", "night", "red"];

  function nextTheme() {
    const present = document.documentElement.dataset.theme ||
      (matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "day");
    const next = themes[(themes.indexOf(present) + 1) % themes.length];
    document.documentElement.dataset.theme = next;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `openclets-theme=${next}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    for (const button of document.querySelectorAll("[data-theme-name]")) {
      const after = themes[(themes.indexOf(next) + 1) % themes.length];
      button.textContent = after[0].toUpperCase() + after.slice(1);
      button.closest("form").elements.theme.value = after;
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "F9") {
      event.preventDefault();
      nextTheme();
    } else if (event.key === "F1") {
      const control = document.querySelector("[data-key=F1]");
      if (control) {
        event.preventDefault();
        control.click();
      }
    }
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-theme-form]")) {
      event.preventDefault();
      nextTheme();
    }
  });

  function settle(root) {
    const current = root.querySelector(".topics [aria-current]");
    if (current && current.scrollIntoView) current.scrollIntoView({ block: "nearest", inline: "center" });
  }

  // After a form was run the reader stands at what is new: an error, the verdict, or the first field.
  // Late answers that arrive by themselves move nobody: then the part swapped is not the whole of `main`.
  document.addEventListener("htmx:after:swap", (event) => {
    const main = document.querySelector("main");
    settle(main);
    if (event.detail?.ctx?.target?.id === "answer") return;
    const at = main.querySelector("[data-focus], [autofocus]");
    if (at) at.focus();
  });
  settle(document);
  const wrong = document.querySelector(".error[data-focus]");
  if (wrong) wrong.focus();
})();
