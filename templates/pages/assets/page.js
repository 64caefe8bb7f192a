// The pages work without this. With it they check as one types, count down, and go on without a reload.
"use strict";
(() => {
  let ticking;

  // Forms: sent in the background; the answer says where to go.
  async function send(form, button) {
    const body = new URLSearchParams(new FormData(form));
    if (button) button.setAttribute("aria-disabled", "true");
    const told = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } })
      .then((answer) => answer.json())
      .catch(() => null);
    if (told && told.location) return go(told.location);
    // No answer, or one that says no place: let the browser send the form and show what comes.
    form.dataset.plain = "1";
    form.requestSubmit ? form.requestSubmit() : form.submit();
  }

  // Our own pages come in place, without a reload; everything else is a plain step.
  const ours = (url) => url.origin === window.location.origin && /^\/auth(\/(code|sent|link-problem))?$/.test(url.pathname);

  async function go(location) {
    const url = new URL(location, window.location.href);
    if (!ours(url)) return window.location.assign(url);
    const answer = await fetch(url, { headers: { accept: "text/html" } }).catch(() => null);
    if (!answer || !ours(new URL(answer.url))) return window.location.assign(answer ? answer.url : url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.querySelector("main");
    if (!main) return window.location.assign(url);
    document.querySelector("main").replaceWith(document.adoptNode(main));
    document.title = page.title;
    const final = new URL(answer.url);
    if (final.pathname + final.search !== window.location.pathname + window.location.search) history.pushState(null, "", final);
    begin();
    const target = document.querySelector("[aria-invalid=true], main [autofocus]") || document.querySelector("h1");
    if (target) target.focus();
  }

  function tell(input, message) {
    const place = document.getElementById(input.getAttribute("aria-describedby"));
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (place) place.textContent = message;
  }

  function looksRight(input) {
    const value = input.value.trim();
    if (!value) return false;
    if (input.type === "email") return /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(value);
    return true;
  }

  function begin() {
    clearInterval(ticking);
    for (const form of document.querySelectorAll("form[data-live]")) {
      const input = form.querySelector("input[aria-describedby]");
      if (input) {
        input.addEventListener("blur", () => { if (input.value.trim() && !looksRight(input)) tell(input, input.dataset.wrong); });
        input.addEventListener("input", (event) => {
          tell(input, "");
          const length = Number(input.dataset.length);
          // A code that is complete goes off by itself. Typed by hand, more may still be coming: some codes are longer.
          const byHand = event.inputType === "insertText";
          clearTimeout(input.waiting);
          if (length && input.value.replace(/[\s.\-]/g, "").length === length) {
            input.waiting = setTimeout(() => form.requestSubmit(), byHand ? 900 : 50);
          }
        });
      }
      form.addEventListener("submit", (event) => {
        if (form.dataset.plain) return;
        const button = event.submitter || form.querySelector("button");
        if (button && button.getAttribute("aria-disabled") === "true") return event.preventDefault();
        if (input && !looksRight(input)) {
          event.preventDefault();
          tell(input, input.dataset.wrong);
          return input.focus();
        }
        event.preventDefault();
        if (input) clearTimeout(input.waiting);
        send(form, button);
      });
    }
    countDown();
    openLink();
  }

  // "Send again" waits; the server enforces it, this only shows it.
  function countDown() {
    const button = document.querySelector("button[data-wait]");
    if (!button) return;
    const ready = button.textContent;
    const until = Date.now() + Number(button.dataset.wait);
    const show = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left > 0) {
        button.setAttribute("aria-disabled", "true");
        button.textContent = button.dataset.waiting.replace("{s}", left);
      } else {
        button.removeAttribute("aria-disabled");
        button.textContent = ready;
        clearInterval(ticking);
      }
    };
    show();
    ticking = setInterval(show, 500);
  }

  // A link's secret is behind the "#": it never reached the server by itself.
  function openLink() {
    const form = document.querySelector("form[data-link]");
    if (!form) return;
    const secret = window.location.hash.slice(1);
    if (!secret) {
      form.hidden = true;
      document.getElementById("cut").hidden = false;
      return;
    }
    form.elements.linkCode.value = secret;
    form.hidden = false;
    if (form.dataset.link !== "go") return;
    const heading = document.querySelector("h1[data-going]");
    if (heading) heading.textContent = heading.dataset.going;
    form.requestSubmit ? form.requestSubmit() : form.submit();
  }

  // The access token has run out: fetch a new one and look again. Renewed or not, the next page knows what to do.
  async function refresh() {
    const place = document.querySelector("[data-refresh]");
    if (!place) return;
    await fetch(place.dataset.refresh, { method: "POST", headers: { rid: "session" } }).catch(() => null);
    window.location.replace(place.dataset.again);
  }

  window.addEventListener("popstate", () => window.location.reload());
  window.addEventListener("hashchange", openLink);
  begin();
  refresh();
})();
