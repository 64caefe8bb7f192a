// The pages work without this. With it they check a field as one leaves it, count down, notice what happened in another
// tab, and go on without a reload.
"use strict";
(() => {
  let ticking, polling, ending, otp, pressed = false, show = () => {};
  const all = (what) => document.querySelectorAll(what);
  const one = (what) => document.querySelector(what);
  const json = { accept: "application/json" };

  // Forms: sent in the background; the answer says where to go. Nothing typed is lost when there is none.
  async function send(form, button, renewed) {
    const body = new URLSearchParams(new FormData(form));
    if (button && button.name) body.set(button.name, button.value);
    if (button) button.setAttribute("aria-disabled", "true");
    const answer = await fetch(form.action, { method: "POST", body, headers: json }).catch(() => null);
    const told = answer && await answer.json().catch(() => null);
    // The access token has run out meanwhile: a new one, and once more.
    if (told && told.renew && !renewed && await renew(told.renew)) return send(form, button, true);
    if (told && told.location) return go(told.location);
    if (button) button.removeAttribute("aria-disabled");
    trouble(answer ? "server" : "network", told && told.message);
  }

  const renew = (place) => fetch(place, { method: "POST", headers: { rid: "session" } }).then((answer) => answer.ok, () => false);

  function trouble(kind, words) {
    const place = one("#trouble");
    if (!place) return;
    place.hidden = false;
    place.textContent = "";
    // A text that comes later is announced, also the second time.
    setTimeout(() => { place.textContent = words || place.dataset[kind]; }, 50);
  }

  // Our own pages come in place, without a reload; everything else is a plain step.
  const ours = (url) => url.origin === location.origin && /^\/auth(\/(code|sent|link-problem|sessions|identifiers(\/\w+)?))?$/.test(url.pathname);

  async function go(place, back) {
    const url = new URL(place, location.href);
    if (!ours(url)) return location.assign(url);
    // What cannot be fetched (it may lead to another origin) is gone to.
    const answer = await fetch(url, { headers: { accept: "text/html" } }).catch(() => null);
    const final = answer && new URL(answer.url);
    if (!answer || !ours(final)) return location.assign(final || url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("main")) return location.assign(final);
    const field = one("main input[data-check]");
    if (field && !back) history.replaceState({ typed: field.value }, "");
    for (const part of ["main", "footer"]) one(part).replaceWith(document.adoptNode(page.querySelector(part)));
    // Another language, another tenant's colours.
    for (const name of ["lang", "dir"]) document.documentElement[name] = page.documentElement[name];
    const sheets = (of) => [...of.querySelectorAll("link[rel=stylesheet]")];
    const known = sheets(document);
    const wanted = sheets(page).map((sheet) => sheet.getAttribute("href"));
    for (const sheet of sheets(page)) if (!known.some((old) => old.getAttribute("href") === sheet.getAttribute("href"))) document.head.append(sheet);
    for (const old of known) if (!wanted.includes(old.getAttribute("href"))) old.remove();
    document.title = page.title;
    if (!back && final.pathname + final.search !== location.pathname + location.search) history.pushState(null, "", final);
    begin();
    const typed = one("main input[data-check]");
    if (back && back.typed && typed && !typed.value) typed.value = back.typed;
    const target = one("[aria-invalid=true]") || one("main [autofocus]") || one("h1");
    if (target) target.focus();
    // Good news are said beside the focus that moved.
    const good = one(".notice.good");
    setTimeout(() => { one("#live").textContent = good ? good.textContent : ""; }, 150);
  }

  function tell(input, message) {
    const place = document.getElementById(input.getAttribute("aria-describedby").split(" ")[0]);
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (place && place.textContent !== message) place.textContent = message;
  }

  // The server reads the field, so that what it says here is what it would say there.
  async function check(form, input) {
    const typed = input.value;
    if (!typed.trim()) return;
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch("/auth/_/check", { method: "POST", body, headers: json }).catch(() => null);
    const told = answer && answer.ok && await answer.json().catch(() => null);
    if (!told || input.value !== typed || !input.isConnected) return;
    tell(input, told.error || "");
    if (told.shown && document.activeElement !== input) input.value = told.shown;
  }

  function begin() {
    clearInterval(ticking);
    clearTimeout(polling);
    clearTimeout(ending);
    if (otp) otp.abort();
    for (const form of all("form[data-live]")) {
      const input = form.querySelector("input[aria-describedby]");
      if (input) watch(form, input);
      form.addEventListener("submit", (event) => {
        const button = event.submitter || form.querySelector("button");
        event.preventDefault();
        if (button && button.getAttribute("aria-disabled") === "true") return;
        if (input) clearTimeout(input.waiting);
        if (input && input.dataset.empty && !input.value.trim()) {
          tell(input, input.dataset.empty);
          return input.focus();
        }
        send(form, button);
      });
      if ("auto" in form.dataset) form.requestSubmit();
    }
    // What is behind the "#" goes along: browsers keep it over the redirect that answers.
    const language = one("[data-language]");
    if (language) language.addEventListener("submit", () => { language.action += location.hash; });
    const until = one("[data-until]");
    if (until) {
      // Once it is over the page says so.
      const left = Number(until.dataset.until) - Date.now();
      if (left > 0) ending = setTimeout(() => go(location.href), left + 1000);
      const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
      until.textContent = until.dataset.text.replace("{time}", time.format(Number(until.dataset.until)));
    }
    countDown();
    openLink();
    poll(3000);
    refresh();
  }

  function watch(form, input) {
    // Not when a button is being pressed: that sends it anyway.
    if (input.dataset.check) input.addEventListener("blur", () => setTimeout(() => pressed || check(form, input), 0));
    input.addEventListener("input", (event) => {
      tell(input, "");
      // Somebody else's address may have to wait for nothing.
      if (input.dataset.check) form.querySelector("button[data-wait]")?.removeAttribute("data-wait");
      show();
      const length = Number(input.dataset.length);
      // A code that is complete goes off by itself. Typed by hand, more may still be coming: some codes are longer.
      const byHand = event.inputType === "insertText";
      clearTimeout(input.waiting);
      if (length && input.value.replace(/[\s.\p{Pd}\p{Cf}]/gu, "").length === length) {
        input.waiting = setTimeout(() => form.requestSubmit(), byHand ? 900 : 50);
      }
    });
    if ("otp" in input.dataset && "OTPCredential" in window) {
      otp = new AbortController();
      navigator.credentials.get({ otp: { transport: ["sms"] }, signal: otp.signal }).then((found) => {
        if (!found || !input.isConnected) return;
        input.value = found.code;
        form.requestSubmit();
      }, () => {});
    }
  }

  // A button that waits; the server enforces it, this only shows it.
  function countDown() {
    const buttons = [...all("button[data-wait]")].map((button) => ({ button, ready: button.textContent, until: Date.now() + Number(button.dataset.wait) }));
    show = () => {
      let waiting = 0;
      for (const { button, ready, until } of buttons) {
        const left = button.hasAttribute("data-wait") ? Math.ceil((until - Date.now()) / 1000) : 0;
        if (left > 0) {
          waiting += 1;
          button.setAttribute("aria-disabled", "true");
          button.textContent = button.dataset.waiting.replace("{time}", Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0"));
        } else if (button.textContent !== ready) {
          button.removeAttribute("aria-disabled");
          button.textContent = ready;
        }
      }
      if (!waiting) clearInterval(ticking);
    };
    show();
    if (buttons.length) ticking = setInterval(show, 500);
  }

  // Was the link used in another tab, or this sign-in approved elsewhere? Asked gently, and only while somebody looks.
  function poll(wait) {
    clearTimeout(polling);
    const place = one("[data-poll]");
    if (!place) return;
    polling = setTimeout(async () => {
      if (document.visibilityState === "hidden") return;
      const answer = await fetch(place.dataset.poll, { headers: json }).catch(() => null);
      const told = answer && answer.ok && await answer.json().catch(() => null);
      if (!place.isConnected) return;
      if (told && told.state === "over") return go(told.location);
      poll(Math.min(Math.max(wait, 2500) * 1.1 + 300, 15000));
    }, wait);
  }

  // A link's secret is behind the "#": it never reached the server by itself.
  function openLink() {
    const forms = all("form[data-link]");
    if (!forms.length) return;
    const secret = location.hash.slice(1);
    for (const part of all("#cut, [data-cut]")) part.hidden = Boolean(secret);
    for (const form of forms) {
      form.elements.linkCode.value = secret;
      form.hidden = !secret;
      form.classList.toggle("gone", !secret);
    }
    if (!secret) return;
    if (forms[0].dataset.link !== "go") {
      const body = new URLSearchParams(new FormData(forms[0]));
      return void fetch("/auth/_/opened", { method: "POST", body, headers: json }).catch(() => null);
    }
    const heading = one("h1[data-going]");
    if (heading) heading.textContent = heading.dataset.going;
    forms[0].requestSubmit();
  }

  // One press is enough: a second one would find the link used.
  function once(event) {
    if (event.target.dataset.link === undefined) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  }

  // The access token has run out: fetch a new one and look again. Renewed or not, the next page knows what to do.
  async function refresh() {
    const place = one("[data-refresh]");
    if (!place) return;
    await renew(place.dataset.refresh);
    location.replace(place.dataset.again);
  }

  addEventListener("popstate", (event) => go(location.href, event.state || {}));
  addEventListener("hashchange", openLink);
  addEventListener("submit", once);
  addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) delete form.dataset.sent; });
  addEventListener("pointerdown", (event) => { pressed = event.target.closest("button") !== null; });
  addEventListener("pointerup", () => setTimeout(() => { pressed = false; }, 0));
  addEventListener("visibilitychange", () => document.visibilityState === "visible" && poll(0));
  begin();
})();
